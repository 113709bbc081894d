/** The one place of the engine that reads environment variables. */

/** Prefix of the variables that are Themis's. */
export const environmentPrefix = 'THEMIS_';

/** All variables that start with THEMIS_, as they are now, frozen. */
export function environment(): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith(environmentPrefix) && value !== undefined) own[name] = value;
  }
  return Object.freeze(own);
}
