/** Why Go refuses something, in Go's own words; a value where Go returns an `error`. */
export class Refusal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
