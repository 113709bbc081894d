/**
 * Act 2: a process that writes is killed, again and again, and everything that it was told is
 * safe must be there.
 */

import type { RecoveryReport } from '../store.js';
import { bytesText, countText, durationText, plural } from '../units-text.js';
import { type CrashPlan, createCrashPlan } from './crash-writes.js';
import { type KillPlan, type KillResult, writeUntilKilled } from './kill.js';
import { digestOf, type Verification } from './ledger.js';
import { now, onStore, type Scene, verifiedText, verifyAll } from './scene.js';

export interface CrashResult {
  readonly kills: number;
  readonly acknowledged: number;
  readonly inFlight: number;
  readonly recoveries: readonly RecoveryReport[];
  readonly verifiedBytes: number;
}

const killsMax = 5;
const killsMin = 2;
const shareOfBudget = 0.28;
/** How long a writer may live after it has opened; shorter when the whole demo is short. */
const writeMsMax = 1500;

export async function crashAct(scene: Scene): Promise<CrashResult> {
  const random = scene.context.environment.random(scene.seed);
  const moments = random.stream('kill moments');
  const plan = createCrashPlan(random);
  const startedAt = now(scene);
  const writeMs = Math.min(writeMsMax, (scene.budgetMs * shareOfBudget) / killsMax);
  const result = { kills: 0, acknowledged: 0, inFlight: 0, verifiedBytes: 0 };
  const recoveries: RecoveryReport[] = [];
  while (result.kills < killsMax) {
    const round = result.kills + 1;
    // The second one dies while it recovers from the first: recovery itself must survive that.
    const after = round === 2 ? 'opening' : 'open';
    const longest = after === 'opening' ? (recoveries.at(-1)?.durationMs ?? 0) : writeMs;
    const delayMs = (0.1 + 0.9 * moments.float()) * longest;
    const killed = await writeUntilKilled(scene, { round, after, delayMs });
    const { acknowledged, inFlight } = enterIntoLedger(
      scene,
      plan,
      { round, after, delayMs },
      killed,
    );
    result.kills++;
    result.acknowledged += acknowledged;
    result.inFlight += inFlight;
    await scene.say(killedText(round, killed, acknowledged));
    const { recovery, verification } = await reopen(scene);
    recoveries.push(recovery);
    result.verifiedBytes += verification.bytes;
    if (result.kills >= killsMin && now(scene) - startedAt > scene.budgetMs * shareOfBudget) break;
  }
  return { ...result, recoveries };
}

/** What the child said is safe must be there; the next write of each lane may be. */
function enterIntoLedger(
  scene: Scene,
  plan: CrashPlan,
  { round }: KillPlan,
  killed: KillResult,
): { acknowledged: number; inFlight: number } {
  const { ledger } = scene;
  let acknowledged = 0;
  for (const [lane, count] of killed.acknowledged.entries()) {
    for (let number = 0; number < count; number++) {
      const { key, value } = plan(round, lane, number);
      ledger.acknowledged(key, value === null ? null : digestOf(value));
    }
    acknowledged += count;
    const { key, value } = plan(round, lane, count);
    ledger.inFlight(key, value === null ? null : digestOf(value));
  }
  return { acknowledged, inFlight: ledger.unsettled };
}

async function reopen(
  scene: Scene,
): Promise<{ recovery: RecoveryReport; verification: Verification }> {
  return onStore(scene, false, async (store) => {
    const { recovery } = await store.status();
    await scene.say(`     ${recoveryText(recovery)}`);
    const verification = await verifyAll(scene, store);
    await scene.say(`     ${verifiedText(scene, verification)}`);
    return { recovery, verification };
  });
}

function killedText(round: number, killed: KillResult, acknowledged: number): string {
  const { pid, aliveMs, hadOpened } = killed;
  const lived = `after ${durationText(aliveMs)}`;
  const what = hadOpened
    ? `with ${plural(acknowledged, 'write')} acknowledged`
    : 'while it was still recovering';
  return `  ${round}. kill -9 ${pid} ${lived}, ${what}`;
}

function recoveryText(recovery: RecoveryReport): string {
  const { durationMs, records, bytes, tornBytes, repairs } = recovery;
  const torn = tornBytes === 0 ? 'no torn tail' : `a torn tail of ${bytesText(tornBytes)} cut`;
  const more = repairs.length === 0 ? '' : `; ${repairs.join('; ')}`;
  const read = `${countText(records)} records (${bytesText(bytes)}) of log read`;
  return `recovered in ${durationText(durationMs)}: ${read}, ${torn}${more}`;
}
