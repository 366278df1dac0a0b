import '@picocss/pico/css/pico.min.css';
import './console.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { createSessionKeeper } from './session.ts';

const place = document.getElementById('app');
if (place === null) throw new Error('index.html has no #app');
render(<App keeper={createSessionKeeper()} />, place);
