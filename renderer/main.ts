// SPDX-License-Identifier: GPL-3.0-or-later
import { mount } from 'svelte';
import App from './App.svelte';
import './tokens.css';
import './base.css';
import './controls.css';

// Not called app: an element of that name would stand where preload puts its bridge, window.app.
const target = document.getElementById('page');
if (target === null) throw new Error('index.html has no #page');
// The name alone is painted before the script has come; then the window takes its place.
target.replaceChildren();
mount(App, { target });
