"""A peer of pathways: the same steps in Polars, without a loop. Usage: pathways_by_polars.py EXPOSURES COHORT.

Prints what `openchronic pathways` prints, with the default parameters. Sums run over all rows at once: the changes of a
subject add up to nothing, so that no window by subject is needed there.
"""

import csv
import sys

import polars as pl

GAP = COMBINATION = PART = 30
MOST_STEPS = 5
DAY = pl.Int32


def days(column: str) -> pl.Expr:
    """Days since 1970."""
    return pl.col(column).to_physical().cast(DAY)


def eras(exposures: pl.DataFrame) -> pl.DataFrame:
    own = ["subject", "bit"]
    return (
        exposures.sort("subject", "bit", "first", "after")
        .with_columns(covered=pl.col("after").cum_max().shift(1).over(own))
        .with_columns(
            era=(pl.col("first") - pl.col("covered") > GAP).fill_null(value=True).cum_sum()
        )
        .group_by("era")
        .agg(pl.first("subject"), pl.first("bit"), pl.min("first"), pl.max("after"))
    )


def segments(found: pl.DataFrame) -> pl.DataFrame:
    """The set of treatments between days on which an era begins or ends, by blocks that touch."""
    begins = found.select("subject", pl.col("first").alias("day"), pl.col("bit"), more=pl.lit(1))
    ends = found.select("subject", pl.col("after").alias("day"), -pl.col("bit"), more=pl.lit(-1))
    return (
        pl.concat([begins, ends])
        .group_by("subject", "day")
        .agg(pl.sum("bit"), pl.sum("more"))
        .sort("subject", "day")
        .with_columns(
            held=pl.col("bit").cum_sum(), n=pl.col("more").cum_sum(), after=pl.col("day").shift(-1)
        )
        .with_columns(block=(pl.col("held") == 0).cum_sum())
        .filter(pl.col("held") != 0)
    )


def settled(found: pl.DataFrame) -> pl.DataFrame:
    """Short combinations give their days to a lasting neighbour that is part of them, the later one first."""
    held, before, after = pl.col("held"), pl.col("before"), pl.col("later")
    short = (pl.col("n") > 1) & (pl.col("after") - pl.col("day") < COMBINATION)
    return (
        found.with_columns(lasting=pl.when(~short).then(held))
        .with_columns(
            before=pl.col("lasting").forward_fill().over("block"),
            later=pl.col("lasting").backward_fill().over("block"),
            overlaps=(pl.col("n") > 1).any().over("block"),
        )
        .with_columns(
            held=pl.when(pl.col("lasting").is_not_null())
            .then(held)
            .when((after & held) == after)
            .then(after)
            .when((before & held) == before)
            .then(before)
            .otherwise(held)
        )
    )


def runs(found: pl.DataFrame) -> pl.DataFrame:
    other = (pl.col("held") != pl.col("held").shift(1)) | (
        pl.col("block") != pl.col("block").shift(1)
    )
    return (
        found.with_columns(run=other.fill_null(value=True).cum_sum())
        .group_by("run", maintain_order=True)
        .agg(
            pl.first("subject"),
            pl.first("held"),
            pl.first("day"),
            pl.last("after"),
            pl.first("overlaps"),
        )
        .filter(~pl.col("overlaps") | (pl.col("after") - pl.col("day") >= PART))
    )


def paths(found: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    same = (pl.col("held") == pl.col("held").shift(1)) & (
        pl.col("subject") == pl.col("subject").shift(1)
    )
    held = found["held"].unique().to_list()
    named = {bits: "+".join(name for n, name in enumerate(names) if bits & 1 << n) for bits in held}
    return (
        found.filter(~same.fill_null(value=False))
        .with_columns(name=pl.col("held").replace_strict(named, return_dtype=pl.String))
        .group_by("subject", maintain_order=True)
        .agg(path=pl.col("name").head(MOST_STEPS).str.join("-"))
    )


cohort = pl.read_parquet(sys.argv[2]).select(
    pl.col("subject_id").alias("subject"), begin=days("start_date"), end=days("end_date")
)
read = pl.read_parquet(sys.argv[1])
names = sorted(read["treatment"].unique().to_list())
bits = {name: 1 << n for n, name in enumerate(names)}
exposures = (
    read.select(
        pl.col("subject_id").alias("subject"),
        bit=pl.col("treatment").replace_strict(bits, return_dtype=pl.Int64),
        first=days("start_date"),
        after=days("end_date") + 1,
    )
    .join(cohort, on="subject")
    .filter(pl.col("first").is_between("begin", "end"))
)
told = paths(runs(settled(segments(eras(exposures)))), names)
counts = (
    cohort.join(told, on="subject", how="left")
    .with_columns(pl.col("path").fill_null(""))
    .group_by("path")
    .agg(n=pl.len())
    .sort(-pl.col("n").cast(pl.Int64), "path")
)
write = csv.writer(sys.stdout, lineterminator="\n").writerow
write(["pathway", "path", "n_periods", "n_subjects", "share_of_periods"])
for path, number in counts.iter_rows():
    write(["pathway", path, number, number, number / len(cohort)])
