/** The bugs that are planted, each with the test that must catch it. Files are compiled ones. */
import type { PlantedBug } from './run-planted.js';

const powerCuts = 'test/crash/engine-power-cuts.test.js';
const faults = 'test/crash/engine-faults.test.js';
const damage = 'test/crash/engine-damage.test.js';
const memory = 'test/engine/backend-memory.test.js';

const deviceCrashes = 'test/crash/device-crashes.test.js';
const compaction = 'test/device/compaction.test.js';

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'the sync of a batch is skipped',
    file: 'src/wal/log-writer.js',
    find: `if (this.#mode === 'fdatasync')\n            this.#handle.sync();`,
    replace: '',
    test: powerCuts,
    expects: 'the same where every batch is written and then synced',
  },
  {
    name: 'a put is acknowledged before it is written',
    file: 'src/engine/committer.js',
    find: `this.#pending.add(at, this.#log.propose(bytes));
        return new Promise((resolve, reject) => this.#open.add(resolve, reject));`,
    replace: `this.#pending.add(at, this.#log.propose(bytes));
        this.#open.add(undefined, undefined);
        return Promise.resolve();`,
    test: powerCuts,
    expects: 'a power cut at a call loses nothing acknowledged',
  },
  {
    name: 'a batch is proposed in pieces',
    file: 'src/engine/committer.js',
    find: `this.#propose(operations, bytes, offset);
        return new`,
    replace: `for (const [i, operation] of operations.entries()) {
            const length = operation.type === 'put' ? operation.value.length : 0;
            const piece = commandHeaderBytes + operationBytes(operation.key.length, length);
            this.#propose([operation], piece, this.#log.reserve(piece));
            if (i < operations.length - 1) this.#open.add(undefined, undefined);
        }
        return new`,
    test: powerCuts,
    expects: 'a batch nearly as long as a segment',
  },
  {
    name: 'damage at the end of the log counts as a torn write',
    file: 'src/wal/recovery-table.js',
    find: `[last, no, no, nonzero, no, data, 'unknown']`,
    replace: `[last, no, no, nonzero, no, data, 'torn']`,
    test: 'test/wal/recovery-table.test.js',
    expects: 'nothing that may have been acknowledged is ever torn or the end',
  },
  {
    name: 'a log that was cut counts as one that ended',
    file: 'src/wal/recovery-table.js',
    find: `[last, no, yes, anyRest, either, anything, 'unknown']`,
    replace: `[last, no, yes, anyRest, either, anything, 'torn']`,
    test: damage,
    expects: 'a log that is cut anywhere',
  },
  {
    name: 'the folder is not synced after a segment got its name',
    file: 'src/wal/segment-store.js',
    find: `this.#fileSystem.rename(spare, this.path(header.sequence));
        this.#fileSystem.syncDirectory(this.#folder);`,
    replace: `this.#fileSystem.rename(spare, this.path(header.sequence));`,
    test: powerCuts,
    expects: 'a power cut at a call loses nothing acknowledged',
  },
  {
    name: 'names left by a killed process are not synced',
    file: 'src/wal/recovery.js',
    find: `options.fileSystem.syncDirectory(logDirectory(options.directory));`,
    replace: '',
    test: powerCuts,
    expects: 'a power cut at a call loses nothing acknowledged',
  },
  {
    name: 'the applied index is written in a batch of its own',
    file: 'src/metadata/applier.js',
    find: `gathering.batch.put(metaKey, meta);`,
    replace: `const own = this.#store.batch();
            own.put(metaKey, meta);
            await before;
            await this.#store.write(own, { sync: false });`,
    test: damage,
    expects: 'batches that the state had not synced come back from the log',
  },
  {
    name: 'the log is truncated beyond the older snapshot',
    file: 'src/engine/checkpoint.js',
    find: `this.#snapshots[limits.snapshotsKept - 1]?.index`,
    replace: `this.#snapshots[0]?.index`,
    test: damage,
    expects: 'a damaged newest snapshot is replaced',
  },
  {
    name: 'a retired segment is used again without zeros',
    file: 'src/wal/spare-maker.js',
    find: `writeWhole(filling.handle, zeros, length, filling.offset);`,
    replace: `if (filling.handle.size() < filling.offset + length)
            writeWhole(filling.handle, zeros, length, filling.offset);`,
    test: 'test/wal/segment-store.test.js',
    expects: 'a recycled segment is zero again before it is used',
  },
  {
    name: 'room of the ring is used before the state has applied it',
    file: 'src/wal/ring.js',
    find: `if (unitsBetween(this.#tail, this.#head) + skipped + needed > this.#units)`,
    replace: `if (needed > this.#units)`,
    test: memory,
    expects: 'the room of a write is used again only when the state has applied it',
  },
  {
    name: 'a read sees writes that are not acknowledged',
    file: 'src/engine/store.js',
    find: `getSync(key, version = this.#parts.log.committedIndex)`,
    replace: `getSync(key, version = this.#parts.log.proposedIndex)`,
    test: memory,
    expects: 'a read does not see a write before it is acknowledged',
  },
  {
    name: 'the chain between records is not looked at',
    file: 'src/wal/batch-checker.js',
    find: `if (words[word + (recordOffsets.chain >>> 2)] !== chain)`,
    replace: `if (chain === null)`,
    test: 'test/wal/batch-checker.test.js',
    expects: 'records in another order break the chain',
  },
  {
    name: 'the checksum of a record in the state is not looked at',
    file: 'src/metadata/state-record.js',
    find: `if (hasValidCrc(kernel, record, keyCrc))`,
    replace: `if (keyCrc !== null)`,
    test: memory,
    expects: 'a value that rots in the state is refused',
  },
  {
    name: 'a batch whose write failed is published as durable',
    file: 'src/wal/log-loop.js',
    find: `this.fail();
                throw error;`,
    replace: `this.#publish(this.#published);
                this.fail();
                throw error;`,
    test: faults,
    expects: 'after a call failed with EIO',
  },
  {
    name: 'a snapshot is named before it is synced',
    file: 'src/wal/snapshot-writer.js',
    find: `file.sync();`,
    replace: '',
    test: 'test/wal/snapshot-writer.test.js',
    expects: 'a crash at any call leaves the old snapshot',
  },
  {
    name: 'all copies of the superblock are written at once',
    file: 'src/wal/superblock.js',
    find: `putCopy(file, block, 1);
        file.sync();`,
    replace: `putCopy(file, block, 1);`,
    test: 'test/wal/superblock.test.js',
    expects: 'a crash at any step of a write',
  },
  {
    name: 'history is dropped while a snapshot reads it',
    file: 'src/metadata/applier-history.js',
    find: `if (value !== null && someVersionIn(live, version, until))`,
    replace: `if (value !== null && until < 0)`,
    test: 'test/metadata/applier-history.test.js',
    expects: 'history is kept only for the versions that snapshots read',
  },
  {
    name: 'the folder is not locked',
    file: 'src/engine/open-store.js',
    find: `undo.add(await backend.lock(directory));`,
    replace: '',
    test: memory,
    expects: 'a folder that is open is refused',
  },
  {
    name: 'a large value is acknowledged when it could just be read',
    file: 'src/shard/stripe-write.js',
    find: `const least = code.data + code.spare;
        if (this.#durable >= least)`,
    replace: `const least = code.data;
        if (this.#durable >= least)`,
    test: 'test/shard/stripe-write.test.js',
    expects: 'as many as there are data fragments are not enough',
  },
  {
    name: 'a fragment is believed by its own digest',
    file: 'src/device/fragment-reader.js',
    find: `if (header.digest !== expected.digest)`,
    replace: `if (header.digest === null)`,
    test: 'test/shard/blob-store.test.js',
    expects: 'the digest of the manifest decides',
  },
  {
    name: 'the zeros behind a value are left out',
    file: 'src/shard/encode-stripes.js',
    find: `padStripe(slab.bytes, stripe, bytes, stride);`,
    replace: '',
    test: 'test/shard/encode-stripes.test.js',
    expects: 'what the memory held before does not show',
  },
  {
    name: 'memory is used again before the last device has read it',
    file: 'src/shard/stripe-write.js',
    find: `if (this.#pending === 0)
            this.#listener.answered(this);`,
    replace: `const least = this.shape.code.data + this.shape.code.spare;
        if (this.#durable === least || (this.#pending === 0 && this.#durable < least))
            this.#listener.answered(this);`,
    test: 'test/shard/blob-writer.test.js',
    expects: 'memory is not used again while a device still reads it',
  },
  {
    name: 'the collector takes what is being written for garbage',
    file: 'src/shard/blob-store.js',
    find: `if (!this.#writes.session.isOlder(blob) || isNamed(blob))`,
    replace: `if (isNamed(blob))`,
    test: 'test/shard/blob-store.test.js',
    expects: 'garbage is collected by proof',
  },
  {
    name: 'what a slow device writes for an abandoned value stays',
    file: 'src/shard/blob-writer.js',
    find: `if (this.#state === 'failed' || this.#state === 'abandoned')
            this.#forget();
        this.#hasEnded`,
    replace: 'this.#hasEnded',
    test: 'test/shard/blob-writer.test.js',
    expects: 'what a slow device writes after the value failed',
  },
  {
    name: 'two fragments of a stripe share a device',
    file: 'src/shard/fragment-placement.js',
    find: `usable[(start + number) % usable.length]`,
    replace: `usable[(start + (number >> 1)) % usable.length]`,
    test: 'test/shard/fragment-placement.test.js',
    expects: 'fragments lie on distinct usable devices',
  },
  {
    name: 'a group of fragments is acknowledged before it is synced',
    file: 'src/device/volume-writer.js',
    find: `if (!isDirect)
                handle.sync();`,
    replace: '',
    test: 'test/device/volume-writer.test.js',
    expects: 'a group is one write, durable when it returns',
  },
  {
    name: 'a fragment is acknowledged while its group is written',
    file: 'src/device/append-queue.js',
    find: `const written = await this.#parts.call.run('append', {`,
    replace: `for (const { done } of group.splice(0))
            done(null);
        const written = await this.#parts.call.run('append', {`,
    test: deviceCrashes,
    expects: 'a power cut at a call loses no fragment that was acknowledged',
  },
  {
    name: 'copies are not read back before the volume is freed',
    file: 'src/device/volume-writer.js',
    find: `this.#verifyCopies(memory, position, copies);`,
    replace: '',
    test: compaction,
    expects: 'nothing is freed before its copy was read back and verified',
  },
  {
    name: 'compaction frees a volume although a fragment in it was not copied',
    file: 'src/device/compaction.js',
    find: `if (volume.fragments > 0 || !(await this.#free(volume)))`,
    replace: `const { device, index, book } = this.#parts;
            const left = index.rowsOf(device, volume.number);
            for (let row = 0; row < listLength(left); row++) {
                const { offset, bytes, ...name } = listedFragment(left, row);
                index.remove(name, { device, volume: volume.number, offset });
                book.removed(volume.number, bytes);
            }
            if (!(await this.#free(volume)))`,
    test: compaction,
    expects: 'a damaged fragment is told, not copied, and its volume held',
  },
  {
    name: 'compaction leaves out the newest fragment of a volume',
    file: 'src/device/compaction.js',
    find: `const rows = index.rowsOf(device, volume.number);`,
    replace: `const all = index.rowsOf(device, volume.number);
        const rows = all.slice(0, -listRowWords);
        const newest = listedFragment(all, listLength(all) - 1);
        index.remove(newest, { device, volume: volume.number, offset: newest.offset });
        this.#parts.book.removed(volume.number, newest.bytes);`,
    test: compaction,
    expects: 'what lives in a volume that is half dead is moved, and found again',
  },
  {
    name: 'the volume that a fragment was written to is not compared',
    file: 'src/device/volume-scan.js',
    find: `|| decoded.header.volume !== options.number`,
    replace: '',
    test: 'test/device/volume-files.test.js',
    expects: 'a crash in a life of a file never lets old fragments pass for new ones',
  },
  {
    name: 'an index is kept while its volume is written again',
    file: 'src/device/append-queue.js',
    find: `this.#isIndexed = true;`,
    replace: `this.#isIndexed = false;`,
    test: 'test/device/append-queue.test.js',
    expects: 'the index of a volume goes before the volume is written again',
  },
  {
    name: 'a volume is written again after a write to it failed',
    file: 'src/device/append-queue.js',
    find: `this.#parts.book.seal();
        const error`,
    replace: `const error`,
    test: 'test/device/append-queue.test.js',
    expects: 'a failed write is told to its group, seals the volume',
  },
  {
    name: 'a write to a file that lost its name counts',
    file: 'src/device/volume-writer.js',
    find: `if (!handle.isNamed())`,
    replace: `if (handle === null)`,
    test: 'test/device/volume-writer.test.js',
    expects: 'a write to a file whose name was removed meanwhile is no write',
  },
  {
    name: 'a fragment is believed for its name, whatever its digest',
    file: 'src/device/fragment-reader.js',
    find: `if (header.digest !== expected.digest) {`,
    replace: `if (header.digest !== expected.digest && header.stripe < 0) {`,
    test: 'test/device/fragment-reader.test.js',
    expects: 'something else that is sound is absence, not damage',
  },
  {
    name: 'repair lets go of the old copy before the new one was read back',
    file: 'src/shard/blob-repair.js',
    find: `await this.#readBack(manifest, stripe, appended);`,
    replace: `for (const { number, old } of appended) {
            const name = { blob, stripe: stripe.stripe, number };
            for (const place of old)
                devices.forgetFragment(name, place);
        }
        await this.#readBack(manifest, stripe, appended);`,
    test: 'test/shard/blob-repair.test.js',
    expects: 'the old copy stays when the new one does not read back',
  },
  {
    name: 'what was rebuilt is not compared with the manifest',
    file: 'src/shard/stripe-tasks.js',
    find: `if (digest !== argument.digests[number])`,
    replace: `if (digest === undefined)`,
    test: 'test/shard/stripe-tasks.test.js',
    expects: 'what does not come out as the manifest names it is refused',
  },
  {
    name: 'fragments on a failed device count as being there',
    file: 'src/shard/redundancy-survey.js',
    find: `devices.devices.filter(({ state }) => state !== 'failed').map(`,
    replace: `devices.devices.map(`,
    test: 'test/shard/redundancy-survey.test.js',
    expects: 'what is nowhere, on a failed device, damaged, or beside another',
  },
  {
    name: 'a missing device counts as healthy',
    file: 'src/shard/shard-health-report.js',
    find: `facts.degraded === 0 && facts.devicesUnwell === 0`,
    replace: `facts.degraded === 0`,
    test: 'test/crash/repair-troubles.test.js',
    expects: 'a device that fails while nothing is stored is not healthy',
  },
  {
    name: 'those with the most redundancy are repaired first',
    file: 'src/shard/repair-queue.js',
    find: `return a.rank < b.rank;`,
    replace: `return a.rank > b.rank;`,
    test: 'test/shard/repair-queue.test.js',
    expects: 'what can lose the least is first',
  },
  {
    name: 'a failed device is let go when a spare takes its place',
    file: 'src/shard/hot-spare.js',
    find: `devices.setRole(spare.number, 'active');`,
    replace: `void devices.removeDevice(number);
        devices.setRole(spare.number, 'active');`,
    test: 'test/crash/repair-troubles.test.js',
    expects: 'devices that were away and come back lose nothing',
  },
  {
    name: 'a survey that failed leaves what was known before',
    file: 'src/shard/shard-repair-engine.js',
    find: `            this.#counts = null;`,
    replace: '',
    test: 'test/crash/repair-troubles.test.js',
    expects: 'a catalog that cannot be read is not healthy, although it was before',
  },
  {
    name: 'a copy too many goes before the one that stays was read',
    file: 'src/shard/surplus-copies.js',
    find: `if (bad !== undefined) {`,
    replace: `if (bad !== undefined && others.length === 0) {`,
    test: 'test/shard/surplus-copies.test.js',
    expects: 'when the one that stays does not read, nothing goes',
  },
  {
    name: 'a fragment that was moved while it was read counts as damaged',
    file: 'src/shard/blob-repair.js',
    find: `return path === read?.path && offset === read.offset;`,
    replace: `return path !== null && offset >= 0;`,
    test: 'test/shard/blob-repair.test.js',
    expects: 'a fragment that was moved or let go while it was read is no damage',
  },
];
