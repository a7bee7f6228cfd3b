// SPDX-License-Identifier: GPL-3.0-or-later

/** Version of the package; both ends of the helper's wire compare it. A test holds it equal to package.json. */
export const packageVersion = '0.1.0';
