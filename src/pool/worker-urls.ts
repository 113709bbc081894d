/** The one place that knows where thread entry files are, in a checkout and in an installed package. */
export const workerUrls = {
  compute: new URL('../../workers/compute.js', import.meta.url),
  device: new URL('../../workers/device.js', import.meta.url),
  log: new URL('../../workers/log.js', import.meta.url),
  preparation: new URL('../../workers/preparation.js', import.meta.url),
  state: new URL('../../workers/state.js', import.meta.url),
} as const;
