dist_man_MANS += man/beamscope.1
dist_man_MANS += man/beamscope-formats.5
dist_man_MANS += man/beamscope-lessons.7
EXTRA_DIST += man/generate man/draw man/pictures

noinst_PROGRAMS += man/keys
man_keys_SOURCES = man/keys.c
man_keys_LDADD = $(beam_libs)

# The parts of the manual page and the README that the program's tables say.
docs: src/beamscope$(EXEEXT) man/keys$(EXEEXT)
	$(SHELL) $(top_srcdir)/man/generate $(abs_top_builddir)/src/beamscope$(EXEEXT) $(abs_top_builddir)/man/keys$(EXEEXT)

# The pictures of the screens that the README shows, or those named in PICTURES; "race" is of one that is run for it, which
# takes a minute.
PICTURES = beam race
pictures: src/beamscope$(EXEEXT)
	$(SHELL) $(top_srcdir)/man/draw $(abs_top_builddir)/src/beamscope$(EXEEXT) $(top_srcdir)/man/pictures $(PICTURES)

.PHONY: docs pictures
