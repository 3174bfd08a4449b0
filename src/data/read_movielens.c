/*
 * MovieLens, as GroupLens publishes it, in three forms:
 *
 *     100K              u.item       id|title|…                         u.data       user TAB movie TAB rating TAB time
 *     1M, 10M           movies.dat   id::title::genres                  ratings.dat  user::movie::rating::time
 *     latest, 20M, 25M  movies.csv   movieId,title,genres               ratings.csv  userId,movieId,rating,timestamp
 *
 * Every rating counts as an interaction, high or low. Each user's are put in the order of their times, those of one
 * time in the order of the file, and parted leave-last-out, as for LC-Rec. Titles stay as they are, the year in
 * brackets and "Matrix, The" included. The older sets are in Latin 1: a title that is not valid UTF-8 is read so.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/interactions.h"
#include "data/reader.h"
#include "store/file.h"
#include "store/lines.h"

static const struct form {
	const char *movies, *ratings;
	const char *movies_separator, *ratings_separator; /* NULL: CSV files */
} forms[] = {
	{"u.item", "u.data", "|", "\t"},
	{"movies.dat", "ratings.dat", "::", "::"},
	{"movies.csv", "ratings.csv", NULL, NULL},
};

/* The form of whose files one at least is there; NULL: none. */
static const struct form *find_form(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (file_exists_in(path, forms[i].ratings) || file_exists_in(path, forms[i].movies))
			return &forms[i];
	return NULL;
}

static bool match(const char *path)
{
	return find_form(path) != NULL;
}

static bool is_number(struct lines_field f)
{
	size_t n = 0;

	while (n < f.len && f.at[n] >= '0' && f.at[n] <= '9')
		n++;
	return n > 0 && n == f.len;
}

/* Appends a text that is UTF-8, or else Latin 1, as UTF-8. */
static void add_text(struct buf *out, struct lines_field f)
{
	if (utf8_valid(f.at, f.len)) {
		buf_add(out, f.at, f.len);
		return;
	}
	for (size_t i = 0; i < f.len; i++) {
		char utf8[4];

		buf_add(out, utf8, utf8_encode((unsigned char)f.at[i], utf8));
	}
}

static int read_movie(struct dataset *d, const struct lines *l, const char *separator, struct err *err)
{
	struct lines_field field[3];
	struct buf id = {0}, title = {0};
	int ret = -1;

	if (lines_split(l, separator, field, ARRAY_LEN(field)) < 2 || !is_number(field[0])) {
		lines_refuse(l, err, "must begin with a movie's number and title, parted by \"%s\"", separator);
		goto out;
	}
	buf_add(&id, field[0].at, field[0].len);
	add_text(&title, field[1]);
	if (catalogue_find(&d->catalogue, buf_str(&id)) != ITEM_NONE)
		lines_refuse(l, err, "names movie '%s' a second time", buf_str(&id));
	else
		ret = catalogue_add(&d->catalogue, buf_str(&id), title.len ? buf_str(&title) : NULL, err);
out:
	buf_release(&id);
	buf_release(&title);
	return ret;
}

static int read_movies(struct dataset *d, const char *path, const char *separator, struct err *err)
{
	struct lines l;
	int ret = lines_init(&l, path, err);

	while (ret == 0 && (ret = lines_next(&l, err)) > 0)
		ret = read_movie(d, &l, separator, err);
	lines_release(&l);
	return ret;
}

static int read_rating(struct interactions *t, const struct lines *l, const char *separator, struct err *err)
{
	struct lines_field field[5];
	char digits[20];

	/* Eighteen digits are less than an int64_t holds. */
	if (lines_split(l, separator, field, ARRAY_LEN(field)) != 4 || !is_number(field[0]) || !is_number(field[1]) ||
		!is_number(field[3]) || field[3].len > 18)
		return lines_refuse(l, err,
			"must be the numbers of a user and a movie, a rating and a time in seconds, parted by %s",
			*separator == '\t' ? "tabs" : "\"::\"");
	memcpy(digits, field[3].at, field[3].len);
	digits[field[3].len] = '\0';
	return interactions_add(
		t, field[0].at, field[0].len, field[1].at, field[1].len, strtoll(digits, NULL, 10), err);
}

static int read_ratings(struct dataset *d, const char *path, const char *separator, struct err *err)
{
	struct interactions t;
	struct lines l;
	int ret = lines_init(&l, path, err);

	interactions_init(&t, d);
	while (ret == 0 && (ret = lines_next(&l, err)) > 0)
		ret = read_rating(&t, &l, separator, err);
	if (ret == 0)
		ret = interactions_part(&t, path, err);
	interactions_release(&t);
	lines_release(&l);
	return ret;
}

static int read_all(struct dataset *d, struct err *err)
{
	const struct form *form = find_form(d->path);
	char *movies = file_join(d->path, form->movies), *ratings = file_join(d->path, form->ratings);
	const char *missing = !file_exists(movies) ? form->movies : !file_exists(ratings) ? form->ratings : NULL;
	int ret = -1;

	if (missing)
		err_set(err, ERR_FORMAT, "'%s' holds %s of MovieLens, but %s is missing", d->path,
			missing == form->movies ? form->ratings : form->movies, missing);
	else if (form->movies_separator)
		ret = read_movies(d, movies, form->movies_separator, err) ||
				      read_ratings(d, ratings, form->ratings_separator, err)
			      ? -1
			      : 0;
	else
		ret = reader_csv_items(d, movies, "movieId", err) ||
				      reader_csv_interactions(d, ratings, "userId", "movieId", err)
			      ? -1
			      : 0;
	free(movies);
	free(ratings);
	return ret;
}

const struct reader reader_movielens = {
	.form = "MovieLens",
	.files = "ratings.csv, movies.csv; ratings.dat, movies.dat; u.data, u.item",
	.match = match,
	.read = read_all,
};
