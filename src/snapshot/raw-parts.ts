import * as v from 'valibot';

// What the schemas of several objects share.

export const text = v.string();
export const nullable = <T extends v.GenericSchema>(schema: T) => v.nullish(schema);

/**
 * An object with names of somebody's choice. valibot's own record drops the keys `constructor` and `prototype`, which
 * Kubernetes takes as names of namespaces and labels; here they pass, behind a mark while valibot looks.
 */
export const record = <T extends v.GenericSchema>(
  value: T,
): v.RecordSchema<v.StringSchema<undefined>, T, undefined> => {
  const schema = v.record(text, value);
  return {
    ...schema,
    '~run': (dataset, config) => {
      const { value: input } = dataset;
      if (typeof input !== 'object' || input === null || Array.isArray(input))
        return schema['~run']({ value: null }, config);
      const names = Object.entries(input).filter(([name]) => name !== '__proto__');
      const checked = schema['~run'](
        { value: Object.fromEntries(names.map(([name, item]) => [`.${name}`, item])) },
        config,
      );
      for (const { path } of checked.issues ?? [])
        if (path) Object.assign(path[0], { key: String(path[0].key).slice(1) });
      if (checked.typed)
        checked.value = Object.fromEntries(
          Object.entries(checked.value).map(([name, item]) => [name.slice(1), item]),
        ) as typeof checked.value;
      return checked;
    },
  };
};

export const strings = record(text);

export const ownerReferences = nullable(
  v.array(v.object({ apiVersion: nullable(text), kind: text, name: text, controller: nullable(v.boolean()) })),
);

export const metadata = v.object({
  name: text,
  namespace: nullable(text),
  creationTimestamp: nullable(text),
  deletionTimestamp: nullable(text),
  labels: nullable(strings),
  annotations: nullable(strings),
  ownerReferences,
});

export const condition = v.object({
  type: text,
  status: v.picklist(['True', 'False', 'Unknown']),
  reason: nullable(text),
  message: nullable(text),
  lastTransitionTime: nullable(text),
});

/** Of objects of which no label or annotation is needed. */
export const nameOnly = v.object({ name: text, namespace: nullable(text) });

export const labelSelector = v.object({
  matchLabels: nullable(strings),
  matchExpressions: nullable(v.array(v.object({ key: text, operator: text, values: nullable(v.array(text)) }))),
});
