// The strategies as they are written in JavaScript, by their names in cases.mjs. Each gets the calls to
// make, as functions of a signal, and resolves to the results that its caller receives.

import { CALLS } from './cases.mjs';

const load = async (name) => {
  try {
    return (await import(name)).default;
  } catch {
    return null;
  }
};
export const pLimit = await load('p-limit');
export const pMap = await load('p-map');

const startAll = (calls, signal) => calls.map((call) => call(signal));
const fulfilled = (ends) => ends.filter((end) => end.status === 'fulfilled').map((end) => end.value);

const thenAbort = (combinator) => async (calls) => {
  const rest = new AbortController();
  try {
    return await combinator(startAll(calls, rest.signal));
  } finally {
    rest.abort();
  }
};

const slices = (size, combinator) => async (calls) => {
  const results = [];
  for (let first = 0; first < calls.length; first += size) {
    results.push(...(await combinator(startAll(calls.slice(first, first + size)))));
  }
  return results;
};

const workerLoops = (limit) => async (calls) => {
  const results = [];
  let next = 0;
  const loop = async () => {
    while (next < calls.length) {
      const call = next;
      next += 1;
      results[call] = await calls[call]();
    }
  };
  await Promise.all(Array.from({ length: limit }, loop));
  return results;
};

const limited = (limit, calls) => {
  const gate = pLimit(limit);
  return [gate, calls.map((call) => gate(() => call()))];
};

const builtIn = {
  'await in a loop with try': async (calls) => {
    const results = [];
    for (const call of calls) {
      try {
        results.push(await call());
      } catch {
        // The others still count.
      }
    }
    return results;
  },
  'await in a loop': async (calls) => {
    const results = [];
    for (const call of calls) {
      results.push(await call());
    }
    return results;
  },
  'Promise.all': (calls) => Promise.all(startAll(calls)),
  'Promise.all then abort': thenAbort((promises) => Promise.all(promises)),
  'Promise.allSettled': async (calls) => fulfilled(await Promise.allSettled(startAll(calls))),
  'Promise.any': async (calls) => [await Promise.any(startAll(calls))],
  'Promise.any then abort': thenAbort(async (promises) => [await Promise.any(promises)]),
  'Promise.race': async (calls) => [await Promise.race(startAll(calls))],
  'Promise.race then abort': thenAbort(async (promises) => [await Promise.race(promises)]),
  'start all then await in order': async (calls) => {
    const results = [];
    for (const promise of startAll(calls)) {
      results.push(await promise);
    }
    return results;
  },
  'slices of 2 + Promise.allSettled': slices(2, async (slice) => fulfilled(await Promise.allSettled(slice))),
  'slices of 2 + Promise.all': slices(2, (slice) => Promise.all(slice)),
  '2 worker loops + Promise.all': workerLoops(2),
  '3 worker loops + Promise.all': workerLoops(3),
};

const withPLimit = {
  'p-limit(2) + Promise.allSettled': async (calls) => fulfilled(await Promise.allSettled(limited(2, calls)[1])),
  'p-limit(3) + Promise.allSettled': async (calls) => fulfilled(await Promise.allSettled(limited(3, calls)[1])),
  'p-limit(2) + Promise.all': (calls) => Promise.all(limited(2, calls)[1]),
  'p-limit(2) + Promise.all + clearQueue': async (calls) => {
    const [gate, promises] = limited(2, calls);
    try {
      return await Promise.all(promises);
    } catch (error) {
      gate.clearQueue();
      throw error;
    }
  },
};

const withPMap = {
  'p-map(2)': (calls) => pMap(calls, (call) => call(), { concurrency: 2 }),
  'p-map(3)': (calls) => pMap(calls, (call) => call(), { concurrency: 3 }),
  'p-map(2) + stopOnError false': (calls) =>
    pMap(calls, (call) => call(), { concurrency: 2, stopOnError: false }),
};

export const strategies = {
  ...builtIn,
  ...(pLimit === null ? {} : withPLimit),
  ...(pMap === null ? {} : withPMap),
};

// One job under a strategy, until nothing of it runs any more.
export async function run(strategy, job) {
  const calls = Array.from({ length: CALLS }, (_, call) => (signal) => job.call(call, signal));
  try {
    const results = await strategies[strategy](calls);
    job.settle('fulfilled', results.length);
  } catch {
    job.settle('rejected', 0);
  }
  await job.drained;
}
