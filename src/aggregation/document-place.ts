/** What is wrong at one place of a document that can be used all the same. */
export interface EntryProblem {
  /** `resources[3].verbs` */
  readonly field: string;
  /** A clause: `resource pods has no verbs`. */
  readonly problem: string;
}

/** Why a document cannot be believed at all. */
export class InvalidDocument extends Error {
  override readonly name = 'InvalidDocument';
  readonly field: string;

  /** `problem` is a sentence part that follows "the answer". */
  constructor(field: string, problem: string) {
    super(problem);
    this.field = field;
  }
}

/** What a JSON value is, with its article. */
export const typeName = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;

/** A value in a received document together with where it stands; read as Go's JSON decoder reads it: null is the same as absent. */
export class Place {
  readonly #value: unknown;
  readonly #parent: Place | null;
  readonly #key: string | number;

  constructor(value: unknown, key: string | number = '', parent: Place | null = null) {
    this.#value = value;
    this.#key = key;
    this.#parent = parent;
  }

  /** `resources[3].verbs`; put together only when somebody asks, since documents have many places. */
  get field(): string {
    const above = this.#parent?.field ?? '';
    if (typeof this.#key === 'number') return `${above}[${this.#key}]`;
    return above === '' ? this.#key : `${above}.${this.#key}`;
  }

  get isAbsent(): boolean {
    return this.#value === undefined;
  }

  /** @throws InvalidDocument where this is no object */
  at(name: string): Place {
    const value = this.#value ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) this.#refuse(value, 'an object');
    const held = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
    return new Place(held, name, this);
  }

  /** @throws InvalidDocument where this is no list */
  items(): readonly Place[] {
    const value = this.#value ?? [];
    if (!Array.isArray(value)) return this.#refuse(value, 'a list');
    return value.map((item, index) => new Place(item, index, this));
  }

  /** The text of a member; empty where it is absent. @throws InvalidDocument */
  text(name: string): string {
    const place = this.at(name);
    const value = place.#value ?? '';
    return typeof value === 'string' ? value : place.#refuse(value, 'a string');
  }

  /** @throws InvalidDocument */
  flag(name: string): boolean {
    const place = this.at(name);
    const value = place.#value ?? false;
    return typeof value === 'boolean' ? value : place.#refuse(value, 'a boolean');
  }

  /** @throws InvalidDocument */
  texts(name: string): readonly string[] {
    return this.at(name)
      .items()
      .map((item) => (typeof item.#value === 'string' ? item.#value : item.#refuse(item.#value, 'a string')));
  }

  #refuse(value: unknown, wanted: string): never {
    throw new InvalidDocument(this.field, `has ${typeName(value)} as ${this.field}, not ${wanted}`);
  }
}
