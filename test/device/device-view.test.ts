/** What is shown of a device. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { append, disk, openSet } from './device-fixture.js';

test('a view follows its device', async () => {
  const { set } = await openSet(disk(), { spares: ['/dev/s'] });
  const [view, , spare] = set.devices;
  if (view === undefined) throw new RangeError('there is a device');
  assert.is(view.id, '');
  assert.is(view.isWritable, false);
  assert.is(spare?.role, 'spare');
  await set.startSession(0);
  assert.match(view.id, /^[0-9a-f]{32}$/);
  assert.is(view.isWritable, true);
  assert.equal([view.path, view.role, view.state, view.why], ['/dev/a', 'active', 'healthy', '']);
  await append(set, 0, { blob: 2 ** 32 + 1, stripe: 0, number: 0 }, 5_000);
  assert.equal([view.fragments, view.liveBytes, view.deadBytes], [1, 4_096 + 8_192, 0]);
  set.forgetBlob(2 ** 32 + 1, 1, 1);
  assert.equal([view.fragments, view.liveBytes, view.deadBytes], [0, 0, 4_096 + 8_192]);
  set.beginRebuild(0, 'because');
  assert.equal([view.state, view.why], ['rebuilding', 'because']);
  await set.close();
});

test.run();
