// SPDX-License-Identifier: GPL-3.0-or-later
import { mount } from 'svelte';
import { languageOf } from '../words/language';
import App from './App.svelte';
import { learn } from './state/spoken';
import './tokens.css';
import './base.css';
import './controls.css';

// Not called app: an element of that name would stand where preload puts its bridge, window.app.
const target = document.getElementById('page');
if (target === null) throw new Error('index.html has no #page');
// The name alone was painted before this script came; now the window takes its place, in the browser's language until main tells the person's.
await learn(languageOf(navigator.language), ['page']);
target.replaceChildren();
mount(App, { target });
