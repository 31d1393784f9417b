/** The package is at fault, not the audit. The root of the pipeline's errors, one class a rule, each beside its rule. */
export abstract class PackageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
