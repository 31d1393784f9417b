export class PaymentsOptions {
  constructor(
    readonly brokerUrl: string,
    readonly queue: string,
  ) {}
}
