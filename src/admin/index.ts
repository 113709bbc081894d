/**
 * admin: the command line; later an HTTP API beside it.
 *
 * Invariants: results go to stdout and nothing else does; every way to fail has an exit code and
 * one line on stderr; whatever a command opens or starts, it closes or ends, Ctrl-C included.
 *
 * May import: everything below it (base to slo). Nothing imports it but src/server.
 */
export { type ExitCode, exitCodeOf, exitCodes } from './cli/exit-codes.js';
