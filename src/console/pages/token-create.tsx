import { useState } from 'preact/hooks';
import type { Problem } from '../api.ts';
import { Dialog } from '../dialog.tsx';
import { type IssuedToken, SCOPES } from '../token.ts';
import { asProblem } from '../use-data.ts';
import { useKeeper } from '../use-session.ts';
import type { Shown } from './token-secret.tsx';

const DAY_MS = 86_400_000;

type Props = { readonly onMade: (shown: Shown) => void; readonly onCancel: () => void };

export function CreateToken({ onMade, onCancel }: Props) {
  const { call } = useKeeper();
  const [scopes, setScopes] = useState<readonly string[]>(['scim']);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const create = async (form: FormData): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = requestOf(form, scopes);
      onMade(await call<IssuedToken>('/tokens', { method: 'POST', body }));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const mistakeAt = (field: string): string | undefined =>
    problem?.mistakes.find(({ at }) => at === `body.${field}` || at.startsWith(`body.${field}.`))?.message;
  return (
    <Dialog title="New token" onCancel={onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create(new FormData(event.currentTarget));
        }}
      >
        <Field
          name="name"
          label="Name"
          help="Whose it is, such as okta"
          mistake={mistakeAt('name')}
          required
        />
        <fieldset aria-describedby="scopes-wrong">
          <legend>It may</legend>
          {SCOPES.map(({ scope, allows }) => (
            <label key={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ currentTarget: { checked } }) =>
                  setScopes(checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
                }
              />
              <span>
                <code>{scope}</code> {allows}
              </span>
            </label>
          ))}
          <small id="scopes-wrong" class="wrong">
            {mistakeAt('scopes') !== undefined && 'Choose at least one.'}
          </small>
        </fieldset>
        <Field
          name="source"
          label="Source"
          help="Whose people and groups it reads and writes. A second provider needs one of its own."
          value="default"
          mistake={mistakeAt('source')}
          required
        />
        <div class="grid">
          <Field
            name="days"
            label="Ends after days"
            help="Empty: never"
            type="number"
            mistake={mistakeAt('expires')}
          />
          <Field
            name="networks"
            label="Only from"
            help="Addresses or networks, with commas. Empty: from everywhere"
            mistake={mistakeAt('networks')}
          />
        </div>
        {problem !== undefined && (
          <p class="notice bad" role="alert">
            {problem.message}
          </p>
        )}
        <footer>
          <button type="button" class="secondary" onClick={onCancel}>
            Cancel
          </button>
          <button type="submit" aria-busy={isBusy} disabled={isBusy}>
            Make the token
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

type FieldProps = {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly mistake: string | undefined;
  readonly value?: string;
  readonly type?: 'text' | 'number';
  readonly required?: boolean;
};

function Field({ name, label, help, mistake, value, type = 'text', required = false }: FieldProps) {
  const shared = {
    ...{ id: `token-${name}`, name, required, defaultValue: value, autocomplete: 'off' as const },
    'aria-invalid': mistake === undefined ? undefined : true,
    'aria-describedby': `token-${name}-help`,
  };
  return (
    <div>
      <label for={`token-${name}`}>{label}</label>
      {type === 'number' ? <input type="number" min={1} max={36_500} {...shared} /> : <input {...shared} />}
      <small id={`token-${name}-help`}>{mistake ?? help}</small>
    </div>
  );
}

function requestOf(form: FormData, scopes: readonly string[]): object {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const days = Number(text('days'));
  return {
    name: text('name'),
    source: text('source'),
    scopes,
    networks: text('networks')
      .split(/[\s,]+/)
      .filter((network) => network !== ''),
    ...(days > 0 && { expires: new Date(Date.now() + days * DAY_MS).toISOString() }),
  };
}
