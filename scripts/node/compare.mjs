// Runs the jobs in Node, compares them with what the lab wrote into the folder that is named, and prints
// the page. Ends with 1 where a job that can be judged differs.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { CALLS, JOBS, KINDS, PATTERNS, jobs, variantName } from './cases.mjs';
import { Job } from './service.mjs';
import { pLimit, pMap, run, strategies } from './strategies.mjs';

const folder = process.argv[2];

// Jobs begin so far apart: some dozens run at a time, and their timers are not late for each other.
const APART_MS = 6;

// A job whose timers came too late is run again, so many times in all.
const ROUNDS = 3;

function readLab() {
  const [head, ...rows] = readFileSync(`${folder}/jobs.csv`, 'utf8').trim().split('\n');
  const columns = head.split(',');
  const byKey = new Map();
  for (const row of rows) {
    const job = Object.fromEntries(row.split(',').map((value, at) => [columns[at], value]));
    byKey.set(`${job.variant}/${job.strategy}/${job.replication}`, job);
  }
  return byKey;
}

function readUnhandled() {
  const { rows } = JSON.parse(readFileSync(`${folder}/summary.json`, 'utf8'));
  return new Map(rows.map((row) => [`${row.variant}/${row.strategy}`, row.unhandled]));
}

function readVersion(name) {
  return JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).dependencies[name];
}

// Every job under every strategy, and again where it was not conclusive.
async function runInNode() {
  let open = Object.keys(strategies).flatMap((strategy) =>
    PATTERNS.flatMap((failing) =>
      jobs.map((job, replication) => ({ strategy, failing, job, replication })),
    ),
  );
  const done = [];
  for (let round = 1; open.length > 0 && round <= ROUNDS; round += 1) {
    const running = [];
    for (const one of open) {
      one.job = new Job(jobs[one.replication], one.failing);
      running.push(run(one.strategy, one.job));
      await sleep(APART_MS);
    }
    await Promise.all(running);
    done.push(...open.filter(({ job }) => job.isConclusive || round === ROUNDS));
    open = open.filter(({ job }) => !job.isConclusive && round < ROUNDS);
  }
  return done;
}

// A job in the lab's columns.
function columnsOf(job) {
  return {
    status: job.settled.status,
    settle_ms: job.settled.at,
    drain_ms: job.drain,
    started: job.counts.started,
    started_at_settle: job.settled.started,
    succeeded: job.counts.succeeded,
    failed: job.counts.failed,
    cancelled: job.counts.cancelled,
    delivered: job.counts.delivered,
    orphan_ms: job.orphan,
    busy_ms: job.busy,
    peak_in_flight: job.peak,
  };
}

function compare(done, lab) {
  const table = new Map();
  const differences = [];
  for (const { strategy, failing, job, replication } of done) {
    const line = table.get(strategy) ?? { same: 0, different: 0, open: 0, later: [] };
    table.set(strategy, line);
    if (!job.isConclusive) {
      line.open += 1;
      continue;
    }
    const key = `${variantName(failing)}/${strategy}/${replication}`;
    const expected = lab.get(key);
    const found = Object.entries(columnsOf(job)).filter(
      ([column, value]) => String(value) !== expected[column],
    );
    for (const [column, value] of found) {
      differences.push(`${key}: ${column} is ${value} in Node and ${expected[column]} in the lab`);
    }
    line[found.length === 0 ? 'same' : 'different'] += 1;
    line.later.push(job.settled.real - Number(expected.settle_ms));
  }
  return { table, differences };
}

// Failures that nobody awaited: the lab counts them by strategy and pattern.
function compareUnhandled(done, unhandled) {
  const cells = new Map();
  for (const { strategy, failing, job } of done) {
    const key = `${variantName(failing)}/${strategy}`;
    const cell = cells.get(key) ?? { count: 0, isConclusive: true };
    cell.count += job.counts.unhandled;
    cell.isConclusive &&= job.isConclusive;
    cells.set(key, cell);
  }
  const judged = [...cells].filter(([, cell]) => cell.isConclusive);
  const differ = judged.filter(([key, { count }]) => count !== unhandled.get(key));
  return {
    total: judged.reduce((sum, [, { count }]) => sum + count, 0),
    differences: differ.map(
      ([key, { count }]) => `${key}: ${count} unhandled in Node and ${unhandled.get(key)} in the lab`,
    ),
  };
}

const ms = (value) => value.toFixed(1);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const count = (lines, of) => lines.reduce((sum, line) => sum + line[of], 0);

function tableOf(table) {
  const rows = Object.keys(KINDS).map((strategy) => {
    const kind = `\`${KINDS[strategy]}\``;
    const line = table.get(strategy);
    if (line === undefined) {
      return `| ${strategy} | ${kind} | not installed | | |`;
    }
    const judged = line.same + line.different;
    const agree = `${line.same} of ${judged}`;
    const [average, most] = judged === 0 ? ['–', '–'] : [ms(mean(line.later)), ms(Math.max(...line.later))];
    return `| ${strategy} | ${kind} | ${agree} | ${average} | ${most} |`;
  });
  return [
    '| in JavaScript | in the lab | the same in all columns | settles later by, mean ms | most ms |',
    '|---|---|--:|--:|--:|',
    ...rows,
  ];
}

function page(table, differences, unhandled) {
  const lines = [...table.values()];
  const [same, different, open] = ['same', 'different', 'open'].map((of) => count(lines, of));
  const later = lines.flatMap((line) => line.later);
  const library = (name, found) => `${name} ${found === null ? 'not installed' : readVersion(name)}`;
  const libraries = [library('p-limit', pLimit), library('p-map', pMap)].join(', ');
  const verdict =
    differences.length === 0
      ? `**Of ${same + different} jobs that could be judged, all came out the same.**`
      : `**Of ${same + different} jobs that could be judged, ${different} differ.**`;
  const clock =
    later.length === 0
      ? 'No times are told.'
      : `On the clock Node settled them ${ms(mean(later))} ms later on average and ${ms(Math.max(...later))} ms at most: its timers are late, the lab's are not.`;
  const again =
    open === 0
      ? ''
      : ` ${open} jobs could not be judged: in each of ${ROUNDS} tries a timer was later than their events lie apart.`;
  return [
    '# The lab and Node',
    '',
    'The same jobs in the lab and under the real combinators, with `setTimeout` as the service.',
    '',
    verdict + again,
    clock,
    '',
    '```sh',
    'scripts/node-check > reports/studies/node.md',
    '```',
    '',
    `Node ${process.version}, ${libraries}. Times are those of one run on one machine; everything else is the same in every run.`,
    '',
    ...tableOf(table),
    '',
    ...(differences.length === 0
      ? []
      : ['## What differs', '', ...differences.map((difference) => `- ${difference}`), '']),
    '## What was compared',
    '',
    `- **Jobs**: ${JOBS} of ${CALLS} calls each, under ${PATTERNS.length} patterns of failures (from none to all) and ${Object.keys(KINDS).length} strategies. The latencies of a job are 1, 2, 4, 8 and 16 times 15 to 20 ms, in some order, so that any two events of a job are at least that unit apart.`,
    '- **Columns**, job by job: status, settle and drain, attempts started, started when the job settled, succeeded, failed and cancelled, results delivered, orphan time, busy time, peak in flight.',
    `- **Failures that nobody awaits**: Node's \`unhandledRejection\` events against the lab's count, by strategy and pattern: ${unhandled} of them.`,
    '- **Time**: beside the real clock each job keeps one on which every timer is on time: what a timer causes happens at the instant for which it was set. Settle, drain, orphan and busy time are compared on that one and must agree exactly. It is Node that decides what happens and in which order.',
    '- **Who is judged**: a job whose timers were all less late than its events lie apart. Otherwise two of them may have changed places, and it is run again.',
    '',
    'Not compared: `quorum`, which JavaScript does not have, and cancelling in a pool.',
  ];
}

process.on('unhandledRejection', (reason) => {
  if (!(reason?.job instanceof Job)) {
    throw reason;
  }
  reason.job.counts.unhandled += 1;
});

const done = await runInNode();
const { table, differences } = compare(done, readLab());
const unhandled = compareUnhandled(done, readUnhandled());
differences.push(...unhandled.differences);
process.stdout.write(`${page(table, differences, unhandled.total).join('\n')}\n`);
process.exitCode = differences.length === 0 ? 0 : 1;
