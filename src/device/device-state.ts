/**
 * The state of a device, and what changes it. `step` is the whole machine; a test goes through
 * every state and event.
 *
 *   healthy      everything that belongs there is there
 *   degraded     it serves, but not as it should: it is full, takes no writes, or held damage
 *   rebuilding   it serves, and what is missing on it is being made again
 *   failed       it is not used; a last resort for reads
 *
 *   event          healthy        degraded           rebuilding        failed
 *   full           degraded       degraded           rebuilding, full  -
 *   room           -              healthy if full    rebuilding        -
 *   read-only      degraded       degraded           failed            -
 *   damage         degraded       -                  -                 -
 *   healed         -              healthy if damage  -                 -
 *   vanished       failed         failed             failed            failed
 *   broken         failed         failed             failed            failed
 *   begin-rebuild  rebuilding     rebuilding         -                 -
 *   end-rebuild    -              -                  healthy/degraded  -
 *   returned       -              -                  -                 rebuilding if vanished
 */
import { unreachable } from '../base/index.js';

export type DeviceState =
  | { readonly kind: 'healthy' }
  | {
      readonly kind: 'degraded';
      readonly cause: 'full' | 'read-only' | 'damage';
      readonly why: string;
    }
  | { readonly kind: 'rebuilding'; readonly isFull: boolean; readonly why: string }
  | { readonly kind: 'failed'; readonly cause: 'vanished' | 'broken'; readonly why: string };

export type DeviceEvent =
  | {
      readonly kind:
        | 'full'
        | 'read-only'
        | 'damage'
        | 'vanished'
        | 'broken'
        | 'begin-rebuild'
        | 'returned';
      readonly why: string;
    }
  | { readonly kind: 'room' | 'healed' | 'end-rebuild' };

export const healthy: DeviceState = { kind: 'healthy' };

/** The state after an event; the same object when nothing changes. */
export function step(state: DeviceState, event: DeviceEvent): DeviceState {
  switch (event.kind) {
    case 'full':
      if (state.kind === 'failed') return state;
      if (state.kind === 'rebuilding') return state.isFull ? state : { ...state, isFull: true };
      return degraded(state, 'full', event.why);
    case 'room':
      if (state.kind === 'rebuilding' && state.isFull) return { ...state, isFull: false };
      return state.kind === 'degraded' && state.cause === 'full' ? healthy : state;
    case 'read-only':
      if (state.kind === 'failed') return state;
      if (state.kind === 'rebuilding') return { kind: 'failed', cause: 'broken', why: event.why };
      return degraded(state, 'read-only', event.why);
    case 'damage':
      return state.kind === 'healthy'
        ? { kind: 'degraded', cause: 'damage', why: event.why }
        : state;
    case 'healed':
      return state.kind === 'degraded' && state.cause === 'damage' ? healthy : state;
    case 'vanished':
    case 'broken':
      if (state.kind === 'failed' && state.cause === event.kind) return state;
      return { kind: 'failed', cause: event.kind, why: event.why };
    case 'begin-rebuild':
      return beginRebuild(state, event.why);
    case 'end-rebuild':
      if (state.kind !== 'rebuilding') return state;
      return state.isFull ? { kind: 'degraded', cause: 'full', why: state.why } : healthy;
    case 'returned':
      return state.kind === 'failed' && state.cause === 'vanished'
        ? { kind: 'rebuilding', isFull: false, why: event.why }
        : state;
    default:
      return unreachable(event);
  }
}

function degraded(state: DeviceState, cause: 'full' | 'read-only', why: string): DeviceState {
  const isSame = state.kind === 'degraded' && state.cause === cause;
  return isSame ? state : { kind: 'degraded', cause, why };
}

function beginRebuild(state: DeviceState, why: string): DeviceState {
  if (state.kind === 'healthy') return { kind: 'rebuilding', isFull: false, why };
  if (state.kind !== 'degraded') return state;
  return { kind: 'rebuilding', isFull: state.cause === 'full', why };
}

/** True when fragments may be appended. */
export function isWritable(state: DeviceState): boolean {
  switch (state.kind) {
    case 'healthy':
      return true;
    case 'degraded':
      return state.cause === 'damage';
    case 'rebuilding':
      return !state.isFull;
    case 'failed':
      return false;
  }
}

/** True when compaction may copy: also on a full device, where it makes room. */
export function takesCopies(state: DeviceState): boolean {
  return state.kind !== 'failed' && !(state.kind === 'degraded' && state.cause === 'read-only');
}

/** For reads, lower is better: a failed device is asked last. */
export function readRank(state: DeviceState): number {
  return state.kind === 'failed' ? 1 : 0;
}

/** Why it is not healthy; empty when it is. */
export function whyOf(state: DeviceState): string {
  return state.kind === 'healthy' ? '' : state.why;
}
