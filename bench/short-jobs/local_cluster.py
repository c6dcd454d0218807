"""HyperQueue as its users run it on one machine: a LocalCluster, one job of many tasks, output files on.

usage: local_cluster.py JOBS SLOTS DIRECTORY PROGRAM; prints the seconds from submission to the last task's end.
"""

import sys
import time
from pathlib import Path

from hyperqueue import Job, LocalCluster
from hyperqueue.cluster import WorkerConfig


def main():
    jobs, slots, directory, program = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    with LocalCluster() as cluster:
        cluster.start_worker(WorkerConfig(cores=slots))
        client = cluster.client()
        job = Job(default_workdir=directory)
        for number in range(jobs):
            job.program([program], stdout=directory / f"{number}.out", stderr=directory / f"{number}.err")
        begin = time.monotonic()
        client.wait_for_jobs([client.submit(job)])
        print(time.monotonic() - begin)


main()
