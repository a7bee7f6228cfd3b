// SPDX-License-Identifier: GPL-2.0
/*
 * Plays the awkward half of a graphics driver's life, one trouble at a time, on whatever PCI function it is bound to
 * (by driver_override; it claims no id by itself). /sys/module/awkward/parameters/trouble chooses:
 *   none         binds and unbinds at once
 *   refuse       probe fails with EBUSY: the device does not come back
 *   late         probe takes `seconds`
 *   slow         unbind takes `seconds`
 *   hang         unbind waits until trouble is changed (as a driver with a reference left does)
 * /sys/module/awkward/parameters/hold=1 takes a reference on the module that no open file shows.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>

static char trouble[16] = "none";
module_param_string(trouble, trouble, sizeof(trouble), 0644);
static uint seconds = 3;
module_param(seconds, uint, 0644);

static bool hold;
static int set_hold(const char *value, const struct kernel_param *kp)
{
	bool before = hold;
	int result = param_set_bool(value, kp);

	if (result || hold == before)
		return result;
	if (hold)
		__module_get(THIS_MODULE);
	else
		module_put(THIS_MODULE);
	return 0;
}
static const struct kernel_param_ops hold_ops = { .set = set_hold, .get = param_get_bool };
module_param_cb(hold, &hold_ops, &hold, 0644);

static int awkward_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	if (sysfs_streq(trouble, "refuse")) {
		pci_warn(pdev, "awkward: refuses to come back\n");
		return -EBUSY;
	}
	if (sysfs_streq(trouble, "late"))
		msleep(seconds * 1000);
	return pcim_enable_device(pdev);
}

static void awkward_remove(struct pci_dev *pdev)
{
	if (sysfs_streq(trouble, "slow"))
		msleep(seconds * 1000);
	while (sysfs_streq(trouble, "hang")) {
		pci_warn_once(pdev, "awkward: attempting to remove device with non-zero usage count\n");
		msleep(200);
	}
}

static struct pci_driver awkward_driver = {
	.name = "awkward",
	.id_table = NULL,
	.probe = awkward_probe,
	.remove = awkward_remove,
};

/* A driver without a table matches only by driver_override (PCI_ANY_ID with override_only, 5.15+). */
static const struct pci_device_id awkward_ids[] = {
	{ PCI_DEVICE_DRIVER_OVERRIDE(PCI_ANY_ID, PCI_ANY_ID, 1) },
	{ }
};

static int __init awkward_init(void)
{
	awkward_driver.id_table = awkward_ids;
	return pci_register_driver(&awkward_driver);
}

static void __exit awkward_exit(void)
{
	pci_unregister_driver(&awkward_driver);
}

module_init(awkward_init);
module_exit(awkward_exit);
MODULE_DESCRIPTION("An awkward graphics driver, for the lab");
MODULE_LICENSE("GPL");
