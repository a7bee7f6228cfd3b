// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { hex4, pciAddress } from './pci';

/** What a device must still be when it is used (decision 4): same address, same maker and model, same board. Subsystem null: it has none. */
export const deviceIdentity = z.strictObject({
  address: pciAddress,
  vendor: hex4,
  device: hex4,
  subsystemVendor: hex4.nullable(),
  subsystemDevice: hex4.nullable(),
});
export type DeviceIdentity = z.infer<typeof deviceIdentity>;
