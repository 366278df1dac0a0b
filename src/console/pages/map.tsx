import { useEffect, useRef, useState } from 'preact/hooks';
import type { MapPlan, MapText } from '../answers.ts';
import type { Problem } from '../api.ts';
import { Difference } from '../difference.tsx';
import type { MapEditor } from '../map-editor.ts';
import { withGroup } from '../map-text.ts';
import { Page } from '../page.tsx';
import { Failed, Show } from '../states.tsx';
import { useTell } from '../toasts.tsx';
import { asProblem, useData } from '../use-data.ts';
import { useQuery } from '../use-query.ts';
import { useKeeper, useMayChange } from '../use-session.ts';
import { MapField } from './map-field.tsx';
import { MapHistory } from './map-history.tsx';
import { PlanOfMap } from './map-plan.tsx';

/** What is typed and not saved outlives a look at another page, and a reload. */
const DRAFT = 'usher-map-draft';

/** The group map: edit it with its errors at their line, see what an edit would do, then save it. */
export function MapPage() {
  const { data, reload } = useData<MapText>('/map');
  return (
    <Page title="Group map">
      <Show data={data} what="the group map" reload={reload}>
        {(map) => <Edit key={map.version} map={map} reload={reload} />}
      </Show>
    </Page>
  );
}

const ONLY_LOOKS = 'To save the map takes the scope admin, and you have admin:read.';

type Draft = { readonly text: string; readonly version: string };

function readDraft(): Draft | undefined {
  const stored = sessionStorage.getItem(DRAFT);
  return stored === null ? undefined : (JSON.parse(stored) as Draft);
}

function Edit({ map, reload }: { readonly map: MapText; readonly reload: () => void }) {
  const { call } = useKeeper();
  const tell = useTell();
  const query = useQuery();
  const whyNot = useMayChange() ? map.fixedBy : ONLY_LOOKS;
  const [base, setBase] = useState<Draft>(() => readDraft() ?? map);
  const [text, setText] = useState(() => withGroup(base.text, query.get('add')));
  const [plan, setPlan] = useState<{ readonly of: string; readonly plan: MapPlan }>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState<'plan' | 'save'>();
  const editor = useRef<MapEditor | undefined>(undefined);
  const replace = (by: string) => editor.current?.setText(by);
  const isChanged = text !== map.text;
  useEffect(() => {
    if (isChanged) sessionStorage.setItem(DRAFT, JSON.stringify({ text, version: base.version }));
    else sessionStorage.removeItem(DRAFT);
  }, [text, isChanged, base.version]);

  const act = async (what: 'plan' | 'save', deed: () => Promise<void>): Promise<void> => {
    setBusy(what);
    setProblem(undefined);
    try {
      await deed();
    } catch (error) {
      const found = asProblem(error);
      // Somebody was quicker: with what the map is now, the page says so.
      if (found.status === 412) reload();
      else setProblem(found);
    } finally {
      setBusy(undefined);
    }
  };
  const makePlan = () =>
    act('plan', async () => {
      setPlan({ of: text, plan: await call<MapPlan>('/map/plan', { method: 'POST', body: { text } }) });
    });
  const save = () =>
    act('save', async () => {
      await call<MapText>('/map', { method: 'PUT', body: { text, version: base.version } });
      sessionStorage.removeItem(DRAFT);
      tell('done', 'The map is saved, and in force within seconds.');
      reload();
    });
  const isOutdated = base.version !== map.version;
  return (
    <>
      {whyNot !== null && <p class="notice warn">{whyNot} You can try an edit, and see what it would do.</p>}
      {isOutdated && (
        <div class="notice warn" role="alert">
          <p>
            Somebody else changed the map since you began. What you typed is still here. This is what yours
            would change in theirs:
          </p>
          <Difference before={map.text} after={text} />
          <button
            type="button"
            class="secondary"
            onClick={() => {
              setBase(map);
              replace(map.text);
            }}
          >
            Give mine up
          </button>{' '}
          <button
            type="button"
            class="secondary"
            onClick={() => {
              setBase({ text, version: map.version });
            }}
          >
            Keep mine, and save over theirs
          </button>
        </div>
      )}
      <MapField initial={text} onChange={setText} editor={editor} />
      {problem !== undefined && <Failed problem={problem} />}
      <div class="map-actions">
        <button
          type="button"
          aria-busy={isBusy === 'plan'}
          disabled={isBusy !== undefined}
          onClick={() => void makePlan()}
        >
          Show what this would do
        </button>
        {whyNot === null && (
          <button
            type="button"
            class="secondary"
            aria-busy={isBusy === 'save'}
            disabled={isBusy !== undefined || !isChanged || plan?.of !== text || isOutdated}
            onClick={() => void save()}
          >
            Save
          </button>
        )}
        {whyNot === null && isChanged && plan?.of !== text && (
          <span>Save comes after a look at what it would do.</span>
        )}
      </div>
      {plan !== undefined && plan.of === text && <PlanOfMap plan={plan.plan} />}
      <MapHistory now={map.text} onTake={replace} />
    </>
  );
}
