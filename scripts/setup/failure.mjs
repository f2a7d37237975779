/** A reason why set-up cannot go on: one sentence, and a way out. */
export class SetupFailure extends Error {
  /**
   * @param {string} message what is wrong
   * @param {string} remedy what to do about it
   * @param {number} exitCode 1 failed, 77 permission (as the weir command uses them)
   */
  constructor(message, remedy, exitCode = 1) {
    super(message);
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}
