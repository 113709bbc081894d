/**
 * Act 4: while clients read, the folder of one device is deleted and bits flip on another. Reads
 * go on from what is left. Then an empty folder takes the place of the lost one, as a new drive
 * would: the store notices it and makes anew on it what was there; a scrub finds the rest.
 */
import { must, ThemisError } from '../../../base/index.js';
import type { DeviceStatus } from '../../../engine/index.js';
import { startLiveBlock } from '../live-block.js';
import { type RepairOutcome, runRepair } from '../repair-run.js';
import type { Store } from '../store.js';
import { bytesText, countText, durationText, plural } from '../units-text.js';
import { throwIfAborted } from '../with-store.js';
import { rotVolumes } from './damage.js';
import { healthPanel } from './health-panel.js';
import { Readers, type ReadsSoFar } from './readers.js';
import { now, pause, type Scene, verifiedText, verifyAll } from './scene.js';

export interface HealResult {
  readonly devices: number;
  readonly largeValues: number;
  /** What the deleted device held. */
  readonly lostFragments: number;
  readonly lostBytes: number;
  readonly flippedBits: number;
  /** From the deletion until the store said so. */
  readonly noticedMs: number;
  /** From the empty folder until everything was whole again, the scrub included. */
  readonly healedMs: number;
  /** Values that were made whole by the scrub, after the device was rebuilt. */
  readonly scrubbed: number;
  readonly before: ReadsSoFar;
  readonly during: ReadsSoFar;
  readonly verifiedBytes: number;
}

const readers = 8;
const flips = 48;
const pollMs = 100;
/** Reads without damage, to compare with, and with a device missing; at most these shares. */
const shareBefore = 0.03;
const shareDegraded = 0.05;
/** The store looks after its devices every second; a machine under load takes longer. */
const noticeMsMax = 60_000;
const healMsMax = 300_000;

/** Null when there is nothing on devices: the corpus was empty. */
export async function healAct(scene: Scene, store: Store): Promise<HealResult | null> {
  const keys = await largeKeys(store);
  const devices = (await store.devices()).filter(({ role }) => role === 'active');
  if (keys.length === 0 || devices.length < 3) {
    await scene.say('  left out: there are no large values');
    return null;
  }
  const clients = new Readers(scene, store, keys, readers);
  try {
    return await heal(scene, store, { clients, devices, largeValues: keys.length });
  } finally {
    await clients.stop();
  }
}

interface Cast {
  readonly clients: Readers;
  readonly devices: readonly DeviceStatus[];
  readonly largeValues: number;
}

async function heal(scene: Scene, store: Store, cast: Cast): Promise<HealResult> {
  const { clients, devices, largeValues } = cast;
  const { style } = scene.context.terminal;
  const show = async (): Promise<void> => scene.say(await panelText(scene, store, clients));
  await scene.say(`  ${plural(readers, 'client')} read large values and check every byte; before:`);
  await watch(scene, store, clients, isWhole, 'the devices were never whole', healMsMax);
  await pauseWatching(scene, store, clients, scene.budgetMs * shareBefore);
  await show();
  const before = clients.next();

  const [lost, rotten] = victims(scene, devices);
  scene.context.environment.fileSystem.removeTree(lost.path);
  const deletedAt = now(scene);
  const flippedBits = rot(scene, rotten);
  await scene.say(
    `\n  ${style.bad(`deleted the folder of device ${lost.number}`)} ` +
      `(${countText(lost.fragments)} fragments, ${bytesText(lost.liveBytes)}), and\n` +
      `  ${style.bad(`flipped ${flippedBits} bits on device ${rotten.number}`)}; nobody told the store`,
  );
  const isNoticed = ({ devices: seen }: Seen): boolean =>
    seen.some(({ number, state }) => number === lost.number && state === 'failed');
  await watch(scene, store, clients, isNoticed, 'the loss was not noticed', noticeMsMax);
  const noticedMs = now(scene) - deletedAt;
  await pauseWatching(scene, store, clients, scene.budgetMs * shareDegraded);
  await scene.say(`  noticed after ${durationText(noticedMs)}; the clients read on:`);
  await show();

  const emptyAt = now(scene);
  scene.context.environment.fileSystem.makeDirectory(lost.path);
  await scene.say('\n  put an empty folder in its place, as one puts in a new drive');
  const isReplaced = (seen: Seen): boolean =>
    seen.devices.some(({ path, number }) => path === lost.path && number !== lost.number);
  await watch(scene, store, clients, isReplaced, 'the folder was not taken', noticeMsMax);
  await watch(scene, store, clients, isWhole, 'the rebuild did not end', healMsMax);
  const rebuiltMs = now(scene) - emptyAt;
  await scene.say(
    `  rebuilt by itself: everything is on ${plural(devices.length, 'device')} again after ` +
      `${durationText(rebuiltMs)} (the store looks every second)`,
  );
  const scrub = await scrubAll(scene, store);
  clients.check();
  const healedMs = now(scene) - emptyAt;
  await show();
  const during = clients.next();
  await clients.stop();
  const verification = await verifyAll(scene, store);
  await scene.say(`  ${verifiedText(scene, verification)}`);
  return {
    devices: devices.length,
    largeValues,
    lostFragments: lost.fragments,
    lostBytes: lost.liveBytes,
    flippedBits,
    noticedMs,
    healedMs,
    scrubbed: scrub.job.documentsRepaired,
    before,
    during,
    verifiedBytes: verification.bytes,
  };
}

/** Keys whose values lie on devices. */
async function largeKeys(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key, value] of store.list({})) {
    if (value === null) keys.push(Buffer.from(key).toString('utf8'));
  }
  return keys;
}

/** Two different ones: no redundancy below two survives what comes. */
function victims(
  scene: Scene,
  devices: readonly DeviceStatus[],
): [lost: DeviceStatus, rotten: DeviceStatus] {
  const random = scene.context.environment.random(scene.seed).stream('victims');
  const lost = random.below(devices.length);
  const rotten = (lost + 1 + random.below(devices.length - 1)) % devices.length;
  return [must(devices[lost], 'a device'), must(devices[rotten], 'another device')];
}

function rot(scene: Scene, { path, liveBytes, deadBytes }: DeviceStatus): number {
  const { fileSystem, random } = scene.context.environment;
  const used = liveBytes + deadBytes;
  return rotVolumes(fileSystem, path, { used, flips }, random(scene.seed).stream('volumes'));
}

async function scrubAll(scene: Scene, store: Store): Promise<RepairOutcome> {
  const outcome = await runRepair(scene.context, store, { kind: 'scrub' });
  const { job, durationMs } = outcome;
  if (!job.success) {
    const why = job.errorMessage ?? 'nobody knows why';
    throw new ThemisError('THEMIS_BLOB_LOST', `the scrub could not repair everything: ${why}`);
  }
  const found = plural(job.documentsRepaired, 'more damaged value');
  await scene.say(
    `  a scrub read all ${bytesText(job.bytes)} of fragments in ${durationText(durationMs)}: ` +
      `${found} found and repaired; after:`,
  );
  return outcome;
}

interface Seen {
  readonly devices: readonly DeviceStatus[];
  readonly statuses: readonly string[];
}

/** All devices are well, and every value has all its fragments. */
function isWhole({ devices, statuses }: Seen): boolean {
  const isWell = devices.every(({ role, state }) => role !== 'active' || state === 'healthy');
  return isWell && statuses.every((status) => status === 'HEALTHY');
}

/** Draws what happens until `done`, or throws after `mostMs` that it never was. */
async function watch(
  scene: Scene,
  store: Store,
  clients: Readers,
  done: (seen: Seen) => boolean,
  otherwise: string,
  mostMs: number,
): Promise<void> {
  const { terminal, environment } = scene.context;
  const { style, noteColumns } = terminal;
  const live = startLiveBlock(terminal, environment.clock);
  const until = now(scene) + mostMs;
  try {
    for (;;) {
      throwIfAborted(scene.context.signal);
      clients.check();
      const health = await store.health();
      live.draw(() => healthPanel(health, clients.soFar, style, noteColumns - 1));
      const statuses = health.shards.map(({ status }) => status);
      if (done({ devices: health.devices, statuses })) return;
      if (now(scene) > until) {
        const message = `${otherwise} within ${durationText(mostMs)}: ${health.headline}`;
        throw new ThemisError('THEMIS_DEADLINE_EXCEEDED', message);
      }
      await pause(scene, pollMs);
    }
  } finally {
    live.clear();
  }
}

async function pauseWatching(
  scene: Scene,
  store: Store,
  clients: Readers,
  ms: number,
): Promise<void> {
  const until = now(scene) + ms;
  await watch(scene, store, clients, () => now(scene) >= until, 'time stood still', ms + 60_000);
}

async function panelText(scene: Scene, store: Store, clients: Readers): Promise<string> {
  const { style, columns } = scene.context.terminal;
  return healthPanel(await store.health(), clients.soFar, style, columns).join('\n');
}
