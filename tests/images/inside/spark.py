"""Prints a count by Spark, a data frame through Arrow, the folders in which Spark wrote files, and whether its classes were
mapped from the archive."""

import os
import tempfile
from pathlib import Path

os.environ["TMPDIR"] = tempfile.mkdtemp()

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print(spark.range(1000).selectExpr("sum(id)").first()[0])
print(len(spark.range(10).toPandas()))
print(spark.conf.get("spark.sql.session.timeZone"))
spark.sql("SELECT 1 AS a").createTempView("v")
spark.catalog.listTables()
print(sorted(path.name for path in Path(os.environ["TMPDIR"]).glob("spark-w*")))
java = spark.sparkContext._gateway.proc.pid
print("start.jsa" in Path(f"/proc/{java}/maps").read_text())
# As where executors are asked for at a cluster's broker: nothing is said of it.
spark._jvm.org.apache.spark.util.Utils.checkAndGetK8sMasterUrl("k8s://http://broker")
spark.stop()
