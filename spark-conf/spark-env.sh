# Sourced by Spark's start scripts: settings that depend on the user, which spark-defaults.conf cannot hold.

# A container without a network cannot resolve its own name.
export SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}"
spill="${TMPDIR:-/tmp}"
export SPARK_LOCAL_DIRS="${SPARK_LOCAL_DIRS:-$spill}"
export SPARK_SUBMIT_OPTS="${SPARK_SUBMIT_OPTS:-} -Djava.io.tmpdir=$spill -Dspark.sql.warehouse.dir=$spill/spark-warehouse"
# The classes of a start, archived at the image's build. It is read only, and without it Spark starts more slowly.
archive=/opt/session/spark/start.jsa
if [ -e "$archive" ]; then
    SPARK_SUBMIT_OPTS="$SPARK_SUBMIT_OPTS -XX:SharedArchiveFile=$archive -Xlog:cds*=off"
fi
