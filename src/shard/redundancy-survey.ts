/**
 * What of a blob is where it should be: judged by the index of fragments alone, without reading.
 * A fragment counts when it is on a device that works, was not found damaged, and no other fragment
 * of its stripe that counts is on the same device: two of them would be lost together.
 */
import type { Manifest } from './manifest.js';
import type { RepairDevices } from './repair-ports.js';
import { stripeCount } from './stripe-layout.js';

export interface StripeSurvey {
  readonly stripe: number;
  /** Fragments that do not count, ascending. */
  readonly missing: readonly number[];
  /** How many more may be lost before the stripe is: below 0 it is lost. */
  readonly spare: number;
}

/** True for a fragment that was found damaged and not made anew since. */
export type IsDamaged = (blob: number, stripe: number, number: number) => boolean;

/** The stripes that are not whole. */
export function surveyBlob(
  manifest: Manifest,
  devices: Pick<RepairDevices, 'devices' | 'locate'>,
  isDamaged: IsDamaged,
): StripeSurvey[] {
  const working = new Set(
    devices.devices.filter(({ state }) => state !== 'failed').map(({ number }) => number),
  );
  const surveys: StripeSurvey[] = [];
  const stripes = stripeCount(manifest);
  for (let stripe = 0; stripe < stripes; stripe++) {
    const survey = surveyStripe(manifest, stripe, devices, working, isDamaged);
    if (survey.missing.length > 0) surveys.push(survey);
  }
  return surveys;
}

function surveyStripe(
  { blob, data, parity }: Manifest,
  stripe: number,
  devices: Pick<RepairDevices, 'locate'>,
  working: ReadonlySet<number>,
  isDamaged: IsDamaged,
): StripeSurvey {
  const holders = new Set<number>();
  const missing: number[] = [];
  for (let number = 0; number < data + parity; number++) {
    const place = devices.locate(blob, stripe, number);
    const counts =
      place !== null &&
      working.has(place.device) &&
      !holders.has(place.device) &&
      !isDamaged(blob, stripe, number);
    if (counts) holders.add(place.device);
    else missing.push(number);
  }
  return { stripe, missing, spare: data + parity - missing.length - data };
}

/** The least spare of all stripes; the full parity when none is incomplete. */
export function spareOf({ parity }: Manifest, surveys: readonly StripeSurvey[]): number {
  return Math.min(parity, ...surveys.map(({ spare }) => spare));
}
