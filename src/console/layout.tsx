import { DoorOpen, LogOut, Menu } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { ErrorBoundary, Router, useLocation } from 'preact-iso';
import { Badge } from './badge.tsx';
import { Crash } from './crash.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { CONSOLE, to } from './places.ts';
import { NAVIGATION, type NavEntry, ROUTES } from './routes.tsx';
import { useTell } from './toasts.tsx';
import { asProblem } from './use-data.ts';
import { useKeeper, useMayChange, useSession } from './use-session.ts';
import { useWaiting, WithWaiting } from './waiting.tsx';

/** The frame of every page: navigation beside it, or above it on a phone. */
export function Layout() {
  return (
    <WithWaiting>
      <div class="frame">
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <SideBar />
        <main id="content" tabIndex={-1}>
          <Crash>
            <ErrorBoundary>
              <Router>
                {ROUTES}
                <NotFoundPage default />
              </Router>
            </ErrorBoundary>
          </Crash>
        </main>
      </div>
    </WithWaiting>
  );
}

function SideBar() {
  const { path } = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <header class="side">
      <a class="brand" href={to('')}>
        <DoorOpen aria-hidden="true" /> Usher
      </a>
      <button
        type="button"
        class="plain menu"
        aria-expanded={isOpen}
        aria-controls="navigation"
        onClick={() => setOpen(!isOpen)}
      >
        <Menu aria-hidden="true" /> Menu
      </button>
      <div id="navigation" class={isOpen ? 'open' : undefined}>
        <nav aria-label="Pages">
          <ul>
            {NAVIGATION.map((entry) => (
              <NavLink key={entry.path} entry={entry} isCurrent={isWithin(path, entry.path)} />
            ))}
          </ul>
        </nav>
        <Who />
      </div>
    </header>
  );
}

function NavLink({ entry, isCurrent }: { readonly entry: NavEntry; readonly isCurrent: boolean }) {
  const { Icon, path, title } = entry;
  return (
    <li>
      <a href={path} {...(isCurrent && { 'aria-current': 'page' as const })}>
        <Icon aria-hidden="true" /> {title} {path === to('/held') && <HoldsBadge />}
      </a>
    </li>
  );
}

/** How many decisions wait. */
function HoldsBadge() {
  const { holds = 0 } = useWaiting();
  if (holds === 0) return null;
  return (
    <Badge kind="warn">
      {holds.toLocaleString('en')}
      <span class="unseen"> {holds === 1 ? 'waits' : 'wait'} for a decision</span>
    </Badge>
  );
}

function isWithin(path: string, entry: string): boolean {
  const here = path.replace(/\/$/, '');
  if (here === to('/conflicts')) return entry === to('/people');
  return here === entry || (entry !== CONSOLE && here.startsWith(`${entry}/`));
}

function Who() {
  const keeper = useKeeper();
  const tell = useTell();
  const { name } = useSession();
  const mayChange = useMayChange();
  const signOut = async (): Promise<void> => {
    try {
      await keeper.signOut();
    } catch (error) {
      tell('failed', asProblem(error).message);
    }
  };
  return (
    <div class="who">
      <span>
        <strong>{name}</strong>
        {!mayChange && <small> may look, and change nothing</small>}
      </span>
      <button type="button" class="plain" onClick={() => void signOut()}>
        <LogOut aria-hidden="true" /> Sign out
      </button>
    </div>
  );
}
