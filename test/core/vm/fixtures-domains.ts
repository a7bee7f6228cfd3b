// SPDX-License-Identifier: GPL-3.0-or-later

/** A domain as virt-manager leaves it after years: other quotes, comments, a namespace and elements we have no word for. */
export const foreign = `<?xml version="1.0" encoding="utf-8"?>
<!--
WARNING: somebody wrote this by hand
-->
<domain type="kvm" id='7' xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <name>gaming &amp; more</name>
  <uuid>0DF9ED8A-3c1b-4a55-9d38-6ba7f1a4f9c0</uuid>
  <metadata><other:thing xmlns:other="urn:other:1" a='1'  b="2"/></metadata>
  <memory unit='KiB'>16777216</memory>
  <currentMemory unit='KiB'>8388608</currentMemory>
	<vcpu placement='static' current='4'>8</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-6.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram>/var/lib/libvirt/qemu/nvram/gaming_VARS.fd</nvram>
  </os>
  <features><acpi/></features>
  <cputune>
    <cachetune vcpus='0-3'><cache id='0' level='3' type='both' size='3' unit='MiB'/></cachetune>
  </cputune>
  <future-of-libvirt  odd = 'yes' >&#65;<![CDATA[ <not> parsed ]]></future-of-libvirt>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='network' device='disk'>
      <source protocol='rbd' name='pool/image'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='pci' index='2' model='pcie-root-port'/>
    <interface type='bridge'>
      <mac address='52:54:00:aa:bb:cc'/>
      <source bridge='br0'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
    </interface>
    <graphics type='spice' autoport='yes'/>
    <video><model type='qxl'/></video>
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source>
        <address domain='0' bus='10' slot='0' function='3'/>
      </source>
      <!-- keep me -->
    </hostdev>
    <vsock model='virtio'><cid auto='yes'/></vsock>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-cpu'/>
  </qemu:commandline>
</domain>
`;
