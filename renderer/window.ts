// SPDX-License-Identifier: GPL-3.0-or-later
import { mount } from 'svelte';
import App from './App.svelte';
import './tokens.css';
import './base.css';
import './controls.css';

// Not called app: an element of that name would stand where preload puts its bridge, window.app.
const target = document.getElementById('page');
if (target === null) throw new Error('index.html has no #page');
// The name alone was painted before this script came; now the window takes its place.
target.replaceChildren();
mount(App, { target });
