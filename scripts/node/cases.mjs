// The jobs that the lab and Node both run. As a program: prints them as a scenario.
//
// The latencies of a job are 1, 2, 4, 8 and 16 times a unit, in some order. So whatever a strategy
// does, an event of a job happens after a sum of some of them, two events that are not the same are at
// least a unit apart, and a timer that is less than a unit late changes nothing but time.

import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

export const CALLS = 5;

// Of each pattern of failures under each strategy.
export const JOBS = 4;

// The calls that fail, each when its answer would have come.
export const PATTERNS = [[], [0], [2], [4], [1, 3], [0, 4], [1, 2, 3], [0, 1, 2, 3, 4]];

const UNITS_MS = [15, 17, 19, 20];

// Numerical Recipes' linear congruential generator: the same jobs on every machine.
function* numbers(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function drawJobs() {
  const draws = numbers(5);
  return Array.from({ length: JOBS }, (_, job) => {
    const factors = Array.from({ length: CALLS }, (_, call) => 2 ** call);
    // Fisher and Yates.
    for (let last = CALLS - 1; last > 0; last -= 1) {
      const other = Math.floor(draws.next().value * (last + 1));
      [factors[last], factors[other]] = [factors[other], factors[last]];
    }
    const unit = UNITS_MS[job % UNITS_MS.length];
    return { unit, latencies: factors.map((factor) => factor * unit) };
  });
}

export const jobs = drawJobs();

export const variantName = (pattern) => (pattern.length === 0 ? 'none' : pattern.join(' '));

// What the scenario says of each strategy; strategies.mjs has the same in JavaScript. No name has a
// comma, so that the rows of the lab's table can be taken apart at commas.
export const KINDS = {
  'await in a loop with try': 'kind = "sequential"',
  'await in a loop': 'kind = "sequential", on-error = "stop"',
  'Promise.all': 'kind = "all"',
  'Promise.all then abort': 'kind = "all", rest = "cancel"',
  'Promise.allSettled': 'kind = "all-settled"',
  'Promise.any': 'kind = "any"',
  'Promise.any then abort': 'kind = "any", rest = "cancel"',
  'Promise.race': 'kind = "race"',
  'Promise.race then abort': 'kind = "race", rest = "cancel"',
  'start all then await in order': 'kind = "eager-in-order"',
  'slices of 2 + Promise.allSettled': 'kind = "chunked", size = 2',
  'slices of 2 + Promise.all': 'kind = "chunked", size = 2, on-error = "stop"',
  '2 worker loops + Promise.all': 'kind = "bounded", limit = 2, on-error = "lose-worker"',
  '3 worker loops + Promise.all': 'kind = "bounded", limit = 3, on-error = "lose-worker"',
  'p-limit(2) + Promise.allSettled': 'kind = "bounded", limit = 2',
  'p-limit(3) + Promise.allSettled': 'kind = "bounded", limit = 3',
  'p-limit(2) + Promise.all': 'kind = "bounded", limit = 2, on-error = "keep-starting"',
  'p-limit(2) + Promise.all + clearQueue': 'kind = "bounded", limit = 2, on-error = "clear-queue"',
  'p-map(2)': 'kind = "bounded", limit = 2, on-error = "stop"',
  'p-map(3)': 'kind = "bounded", limit = 3, on-error = "stop"',
  'p-map(2) + stopOnError false': 'kind = "bounded", limit = 2, on-error = "reject-at-end"',
};

function scenario() {
  // Call i of job j takes value j x calls + i.
  const values = jobs.flatMap((job) => job.latencies).map((ms) => `"${ms}ms"`);
  const lines = [
    'version = 1',
    'title = "What scripts/node-check runs"',
    `replications = ${JOBS}`,
    `job.calls = ${CALLS}`,
    `downstream.api.latency = { kind = "list", values = [${values.join(', ')}] }`,
  ];
  for (const [name, kind] of Object.entries(KINDS)) {
    lines.push('[[strategy]]', `name = ${JSON.stringify(name)}`, ...kind.split(', '));
  }
  for (const pattern of PATTERNS) {
    const rules = pattern.length === 0 ? '' : `{ kind = "error", calls = [${pattern.join(', ')}] }`;
    lines.push('[[variant]]', `name = "${variantName(pattern)}"`, `fault = [${rules}]`);
  }
  return `${lines.join('\n')}\n`;
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
  process.stdout.write(scenario());
}
