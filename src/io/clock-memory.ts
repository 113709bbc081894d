/** A clock that moves when a test or the simulator says so, and rings alarms on its way. */
import { assert } from '../base/index.js';
import type { Clock, TimerHandle } from './clock.js';

interface Alarm {
  readonly dueMs: number;
  readonly ring: () => void;
}

/** Invariant: time never passes an alarm without ringing it; equal times ring in setting order. */
export class ManualClock implements Clock {
  #nowMs: number;
  #wallOffsetMs: number;
  #alarms: Alarm[] = [];

  constructor(startMs = 0, wallStartMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
    this.#wallOffsetMs = wallStartMs - startMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  /** Moves both clocks on, ringing every alarm that falls due, those set on the way included. */
  advance(durationMs: number): void {
    assert(durationMs >= 0 && Number.isFinite(durationMs), 'time moves forward');
    const targetMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#alarms[0];
      if (next === undefined || next.dueMs > targetMs) break;
      this.#alarms.shift();
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.ring();
    }
    // An alarm may itself have moved the clock further.
    this.#nowMs = Math.max(this.#nowMs, targetMs);
  }

  /** Lets wall time jump, forwards or backwards; alarms and monotonic time stay. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Monotonic time of the next alarm, or null. */
  nextAlarmMs(): number | null {
    return this.#alarms[0]?.dueMs ?? null;
  }

  /** Calls `ring` once, when the clock reaches the given monotonic time. */
  alarmAt(dueMs: number, ring: () => void): TimerHandle {
    const alarm: Alarm = { dueMs, ring };
    const later = this.#alarms.findIndex((other) => other.dueMs > dueMs);
    if (later === -1) this.#alarms.push(alarm);
    else this.#alarms.splice(later, 0, alarm);
    return {
      cancel: () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm);
      },
    };
  }
}
