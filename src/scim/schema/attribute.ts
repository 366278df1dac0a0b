/** Characteristics of an attribute (RFC 7643 §2.2), all of them stated: some clients know no defaults. */
type Characteristics = {
  readonly name: string;
  readonly description: string;
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
};

export type SimpleAttribute = Characteristics & {
  readonly type: 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
};

export type ComplexAttribute = Characteristics & {
  readonly type: 'complex';
  readonly subAttributes: readonly Attribute[];
};

/** Has the shape that `/Schemas` shows (RFC 7643 §7). */
export type Attribute = SimpleAttribute | ComplexAttribute;

export type Schema = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
};

type Options = Partial<Omit<Characteristics, 'name' | 'description'>> & {
  readonly canonicalValues?: readonly string[];
};

const DEFAULTS = {
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
} as const;

export function string(name: string, description: string, options: Options = {}): SimpleAttribute {
  return { name, type: 'string', description, ...DEFAULTS, ...options };
}

export function boolean(name: string, description: string, options: Options = {}): SimpleAttribute {
  return { name, type: 'boolean', description, ...DEFAULTS, ...options };
}

export function integer(name: string, description: string, options: Options = {}): SimpleAttribute {
  return { name, type: 'integer', description, ...DEFAULTS, ...options };
}

export function dateTime(name: string, description: string, options: Options = {}): SimpleAttribute {
  return { name, type: 'dateTime', description, ...DEFAULTS, ...options };
}

export function binary(name: string, description: string): SimpleAttribute {
  return { name, type: 'binary', description, ...DEFAULTS };
}

export function reference(
  name: string,
  description: string,
  referenceTypes: readonly string[],
  options: Options = {},
): SimpleAttribute {
  return { name, type: 'reference', description, referenceTypes, ...DEFAULTS, caseExact: true, ...options };
}

export function complex(
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  options: Options = {},
): ComplexAttribute {
  return { name, type: 'complex', description, ...DEFAULTS, ...options, subAttributes };
}

/** A multi-valued attribute with the sub-attributes of RFC 7643 §2.4. */
export function plural(
  name: string,
  description: string,
  value: Attribute,
  canonicalTypes: readonly string[] = [],
): ComplexAttribute {
  const types = canonicalTypes.length > 0 ? { canonicalValues: canonicalTypes } : {};
  return complex(
    name,
    description,
    [
      value,
      string('display', 'A name to show to people.'),
      string('type', 'What the value is for.', types),
      boolean('primary', 'Whether this is the preferred value; true for one at most.'),
    ],
    { multiValued: true },
  );
}

/** Names of attributes compare without regard to case (RFC 7643 §2.1). */
export function attributeNamed(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find(
    (attribute) => attribute.name.length === wanted.length && attribute.name.toLowerCase() === wanted,
  );
}

export function subAttributesOf(attribute: Attribute | undefined): readonly Attribute[] {
  return attribute?.type === 'complex' ? attribute.subAttributes : [];
}

/** The attribute as each of its values sees it. */
export function elementOf(attribute: Attribute): Attribute {
  return attribute.multiValued ? { ...attribute, multiValued: false } : attribute;
}
