// A service made of timers, and the books of one job that calls it.
//
// Two clocks run side by side. The real one says how late Node's timers are. The other is what it would
// have been if none were: what a timer causes happens at the instant for which it was set. That one has
// no noise, so what it says must be what the lab says, to the millisecond.

const { performance } = globalThis;

export class Job {
  constructor({ unit, latencies }, failing) {
    Object.assign(this, { unit, latencies, failing });
    this.now = 0;
    this.began = performance.now();
    this.latest = 0;
    this.earliest = 0;
    this.inFlight = new Map();
    this.settled = null;
    this.counts = { started: 0, succeeded: 0, failed: 0, cancelled: 0, delivered: 0, unhandled: 0 };
    this.peak = 0;
    this.busy = 0;
    this.orphan = 0;
    this.drain = 0;
    this.drained = new Promise((resolve) => {
      this.isDrained = resolve;
    });
  }

  // What a strategy calls.
  call(call, signal) {
    return new Promise((resolve, reject) => {
      this.counts.started += 1;
      const due = this.now + this.latencies[call];
      const end = (how, settle) => {
        const began = this.inFlight.get(call).began;
        this.inFlight.delete(call);
        this.counts[how] += 1;
        this.busy += this.now - began;
        const answered = this.settled?.at ?? Infinity;
        this.orphan += Math.max(0, this.now - Math.max(began, answered));
        this.drain = this.now;
        settle();
        // Microtasks may start the next call first.
        setImmediate(() => this.look());
      };
      const timer = setTimeout(() => {
        const late = performance.now() - this.began - due;
        this.latest = Math.max(this.latest, late);
        this.earliest = Math.min(this.earliest, late);
        this.now = due;
        if (this.failing.includes(call)) {
          const error = Object.assign(new Error(`call ${call} failed`), { job: this });
          end('failed', () => reject(error));
        } else {
          end('succeeded', () => resolve(call));
        }
      }, this.latencies[call]);
      this.inFlight.set(call, { began: this.now });
      this.peak = Math.max(this.peak, this.inFlight.size);
      signal?.addEventListener('abort', () => {
        if (this.inFlight.has(call)) {
          clearTimeout(timer);
          end('cancelled', () => reject(signal.reason));
        }
      });
    });
  }

  settle(status, delivered) {
    this.settled = {
      status,
      at: this.now,
      real: performance.now() - this.began,
      started: this.counts.started,
    };
    this.counts.delivered = delivered;
    setImmediate(() => this.look());
  }

  look() {
    if (this.settled !== null && this.inFlight.size === 0) {
      this.isDrained();
    }
  }

  // Whether no timer was so late, or early, that two events may have changed places.
  get isConclusive() {
    return this.latest < this.unit - 2 && this.earliest > -2;
  }
}
