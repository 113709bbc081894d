/** The state thread: tasks while a folder is opened, then the loop that applies what is committed. */
import { type ComputeMessage, runComputeTask } from '../src/engine/compute-tasks.js';
import { runStateThread, type StateThreadMessage } from '../src/engine/state-thread-start.js';

export function run(message: ComputeMessage | StateThreadMessage) {
  return 'task' in message ? runComputeTask(message) : runStateThread(message);
}
