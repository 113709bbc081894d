/** What the state thread counts in its own lane of the metrics. */
import type { MetricsLane } from '../telemetry/index.js';

export interface StateMeter {
  /** One atomic batch of records was written. */
  readonly batch: () => void;
}

export function stateMeter(lane: MetricsLane): StateMeter {
  const batches = lane.counter('themis_state_applied_batches_total');
  return { batch: () => batches.inc() };
}
