"""Kill a primary twenty times at each level of waiting; what the chapter on replication records.

python benchmarks/failovers.py [runs]
"""

import sys
from contextlib import closing

from scalelab.course.chapters.replication.failovers import Pair, crashes
from scalelab.real.postgres_cluster import PostgresCluster

if __name__ == "__main__":
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for level in ("local", "on"):
        with PostgresCluster() as cluster, closing(Pair(cluster)) as pair:
            for it in crashes(pair, level, runs):
                print(level, it.acknowledged, it.late, it.lost, it.is_tail, it.surprises)
