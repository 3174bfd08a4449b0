dist_man_MANS += man/beamscope.1
EXTRA_DIST += man/generate

# The parts of the manual page and the README that the program's tables say.
docs: src/beamscope$(EXEEXT)
	$(SHELL) $(top_srcdir)/man/generate $(abs_top_builddir)/src/beamscope$(EXEEXT)

.PHONY: docs
