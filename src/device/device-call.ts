/** Calls tasks of one device in its thread, and turns what fails into faults. */
import { faultOf } from './device-fault.js';
import type { DeviceTasks, DeviceThreads } from './device-tasks.js';
import type { DeviceSetting } from './volume-files.js';

/** A task's argument without what is the same for all tasks of the device. */
export type CallArgument<T extends keyof DeviceTasks> = Omit<DeviceTasks[T]['argument'], 'setting'>;

export type CallResult<R> =
  | { readonly kind: 'done'; readonly value: R }
  | { readonly kind: 'fault'; readonly fault: ReturnType<typeof faultOf> };

export class DeviceCall {
  readonly setting: DeviceSetting;
  readonly #threads: DeviceThreads;
  readonly #thread: number;

  constructor(threads: DeviceThreads, thread: number, setting: DeviceSetting) {
    this.#threads = threads;
    this.#thread = thread;
    this.setting = setting;
  }

  /** Never rejects. */
  async run<T extends keyof DeviceTasks>(
    task: T,
    argument: CallArgument<T>,
  ): Promise<CallResult<DeviceTasks[T]['result']>> {
    try {
      // The setting and the rest are the whole argument, which types cannot follow through T.
      const whole = { ...argument, setting: this.setting } as DeviceTasks[T]['argument'];
      return { kind: 'done', value: await this.#threads.run(this.#thread, task, whole) };
    } catch (error) {
      return { kind: 'fault', fault: faultOf(error) };
    }
  }
}
