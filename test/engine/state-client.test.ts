/** The state as the engine sees it: what is applied, who waits for it, and how it ends. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { StateClient, type StateDriver } from '../../src/engine/state-client.js';
import { BlobReference, blobOffset, StateControl } from '../../src/metadata/index.js';
import { turns } from './thread-played.js';

/** The state's loop, played by the test: `tell` says that the shared words changed. */
class DriverPlayed implements StateDriver {
  wakes = 0;
  watches = 0;
  lingers = 0;
  isClosed = false;
  died: (blobs: readonly BlobReference[]) => void = () => undefined;
  error = new ThemisError('THEMIS_STATE_CORRUPT', 'damaged');
  #changed: (() => void) | null = null;

  wake(): void {
    this.wakes++;
  }

  wakeSoon(): void {
    this.lingers++;
  }

  watch(_seen: number, changed: () => void): void {
    assert.is(this.#changed, null, 'one watch at a time');
    this.watches++;
    this.#changed = changed;
  }

  async failure(): Promise<ThemisError> {
    return this.error;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  tell(): void {
    const changed = this.#changed;
    this.#changed = null;
    changed?.();
  }
}

function world(applied = 10, committed = applied) {
  const control = new StateControl();
  control.reset(0, applied);
  const driver = new DriverPlayed();
  const client = new StateClient(control, driver, committed);
  const heard: string[] = [];
  client.listener = {
    applied: (index, position) => heard.push(`${index} at ${position}`),
    died: (blobs) => heard.push(`died ${blobs.map(({ blob }) => blob).join()}`),
    failed: (error) => heard.push(error.code),
  };
  return { control, driver, client, heard };
}

function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'ok',
    (error: unknown) => (isThemisError(error) ? error.code : error),
  );
}

test('blobs that died are told on', () => {
  const { driver, heard } = world();
  const manifest = Buffer.alloc(16);
  manifest.writeUInt32LE(3, blobOffset);
  driver.died([new BlobReference(manifest)]);
  assert.equal(heard, ['died 3']);
});

test('what is applied at the start needs no waiting', async () => {
  const { client, driver } = world();
  assert.is(client.appliedIndex, 10);
  assert.is(await outcome(client.whenApplied(10)), 'ok');
  assert.is(driver.watches, 0);
});

test('a commit wakes the state; its news moves the index and frees who waited for it', async () => {
  const { client, control, driver, heard } = world();
  client.commit(40, 12);
  assert.equal([driver.wakes, driver.lingers, control.committedPosition], [0, 1, 40]);
  const resolved: number[] = [];
  for (const index of [11, 12]) void client.whenApplied(index).then(() => resolved.push(index));
  control.publishApplied(20, 11);
  driver.tell();
  await turns();
  assert.equal([client.appliedIndex, heard, resolved], [11, ['11 at 20'], [11]]);
  control.publishApplied(40, 12);
  driver.tell();
  await turns();
  assert.equal([client.appliedIndex, heard.at(-1), resolved], [12, '12 at 40', [11, 12]]);
  const { watches } = driver;
  driver.tell();
  assert.is(driver.watches, watches, 'nothing more to come, nothing watched');
});

test('the log that was there at the start is waited for as what is committed now', async () => {
  const { client, control, driver } = world(10, 15);
  assert.ok(driver.watches > 0, 'the state is watched from the beginning');
  const waiting = outcome(client.whenApplied(15));
  control.publishApplied(0, 12);
  driver.tell();
  control.publishApplied(8, 15);
  driver.tell();
  await turns();
  assert.is(await waiting, 'ok');
});

test('a sync resolves with what is durable, when the state says so', async () => {
  const { client, control, driver } = world();
  let synced = -1;
  void client.sync().then((index) => {
    synced = index;
  });
  await turns();
  assert.is(synced, -1);
  control.publishSynced(control.syncWanted, 10);
  driver.tell();
  await turns();
  assert.is(synced, 10);
});

test('a failure is told once, and rejects all who wait and who come', async () => {
  const { client, control, driver, heard } = world();
  client.commit(40, 12);
  const waiting = [outcome(client.whenApplied(12)), outcome(client.sync())];
  control.publishFailure();
  driver.tell();
  const code = 'THEMIS_STATE_CORRUPT';
  assert.equal(await Promise.all(waiting), [code, code]);
  assert.equal(heard, [code]);
  assert.is(await outcome(client.whenApplied(12)), code);
  assert.is(await outcome(client.sync()), code);
  assert.is(await outcome(client.whenApplied(10)), 'ok', 'what is applied can still be read');
});

test('closing stops the loop and rejects who still waits', async () => {
  const { client, control, driver } = world();
  client.commit(40, 12);
  const waiting = outcome(client.whenApplied(12));
  await client.close();
  assert.equal([control.stopWanted, driver.isClosed], [true, true]);
  assert.is(await waiting, 'THEMIS_CLOSED');
});

test.run();
