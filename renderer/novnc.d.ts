// SPDX-License-Identifier: GPL-3.0-or-later
/** The part of noVNC that is used (its docs/API.md); the package brings no types. */
declare module '@novnc/novnc' {
  interface Events {
    connect: Event;
    disconnect: CustomEvent<{ clean: boolean }>;
    credentialsrequired: Event;
    securityfailure: CustomEvent<{ status: number; reason?: string }>;
    desktopname: CustomEvent<{ name: string }>;
  }
  export default class RFB {
    constructor(target: HTMLElement, channel: object, options?: { shared?: boolean; credentials?: { password?: string } });
    viewOnly: boolean;
    focusOnClick: boolean;
    scaleViewport: boolean;
    resizeSession: boolean;
    showDotCursor: boolean;
    background: string;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    sendCtrlAltDel(): void;
    addEventListener<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): void;
  }
}
