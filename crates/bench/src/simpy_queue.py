"""M/M/4 at load 0.8 on SimPy: a process per request, a resource of four workers.

Arguments: requests, seed. Prints one line of JSON.
"""

import json
import random
import sys
import time

import simpy

WORKERS = 4
MEAN_MS = 10.0
GAP_MS = 1000.0 / 320.0


def request(env, workers, draw, times):
    arrived = env.now
    with workers.request() as worker:
        yield worker
        yield env.timeout(draw(1.0 / MEAN_MS))
    times.append(env.now - arrived)


def arrivals(env, workers, draw, times, requests):
    for _ in range(requests):
        yield env.timeout(draw(1.0 / GAP_MS))
        env.process(request(env, workers, draw, times))


def main():
    requests, seed = int(sys.argv[1]), int(sys.argv[2])
    times = []
    env = simpy.Environment()
    workers = simpy.Resource(env, capacity=WORKERS)
    env.process(arrivals(env, workers, random.Random(seed).expovariate, times, requests))
    began = time.process_time()
    env.run()
    seconds = time.process_time() - began
    mean_ms = sum(times) / len(times)
    print(json.dumps({"mean_ms": mean_ms, "answered": len(times), "seconds": seconds}))


main()
