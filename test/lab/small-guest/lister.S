# SPDX-License-Identifier: GPL-3.0-or-later
# The smallest guest that can say what devices it has: a boot sector that walks PCI configuration space (PCI 3.0, 3.2.2.3.2)
# and prints every function on the first serial line, again and again. An emulator inside an emulator needs minutes for a Linux
# kernel and a second for this. Nothing is written into the page of the code: that would make an emulator translate it anew.
        .code16
        .globl  start
start:  cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7000, %sp
        ljmp    $0, $1f
1:      sti
        cld
        # 115200 bits a second, eight data bits, no parity, one stop bit.
        movw    $0x3fb, %dx
        movb    $0x80, %al
        outb    %al, %dx
        movw    $0x3f8, %dx
        movb    $1, %al
        outb    %al, %dx
        incw    %dx
        movb    $0, %al
        outb    %al, %dx
        movw    $0x3fb, %dx
        movb    $3, %al
        outb    %al, %dx

again:  movw    $begins, %si
        call    text
        xorl    %ebx, %ebx
next:   xorl    %ecx, %ecx
        call    read
        cmpw    $0xffff, %ax
        jne     found
        # Without a function 0 there is none in this slot.
        testb   $7, %bl
        jnz     more
        addw    $7, %bx
        jmp     more
found:  pushl   %eax
        movw    $pci, %si
        call    text
        movw    %bx, %ax
        call    number
        popl    %eax
        pushl   %eax
        call    number
        popl    %eax
        shrl    $16, %eax
        call    number
        movb    $8, %cl
        call    read
        shrl    $16, %eax
        call    number
        movw    $line, %si
        call    text
more:   incw    %bx
        cmpw    $(32 * 256), %bx
        jb      next
        movw    $ends, %si
        call    text
        # Two seconds of the clock of the BIOS, 18.2 ticks each.
        movl    0x46c, %edx
        addl    $36, %edx
2:      hlt
        cmpl    %edx, 0x46c
        jb      2b
        jmp     again

# eax: the four bytes at offset cl of the function bx (bus, slot, function).
read:   movl    %ebx, %eax
        shll    $8, %eax
        orl     $0x80000000, %eax
        movb    %cl, %al
        movw    $0xcf8, %dx
        outl    %eax, %dx
        movw    $0xcfc, %dx
        inl     %dx, %eax
        ret

# A blank and ax in hexadecimal.
number: movw    %ax, %bp
        movb    $' ', %al
        call    sign
        movw    $4, %di
3:      rolw    $4, %bp
        movw    %bp, %ax
        andw    $15, %ax
        movw    %ax, %si
        movb    digits(%si), %al
        call    sign
        decw    %di
        jnz     3b
        ret

text:   lodsb
        testb   %al, %al
        jz      4f
        call    sign
        jmp     text
4:      ret

# Waits until the line takes al.
sign:   pushw   %ax
        movw    $0x3fd, %dx
5:      inb     %dx, %al
        testb   $0x20, %al
        jz      5b
        popw    %ax
        movw    $0x3f8, %dx
        outb    %al, %dx
        ret

begins: .asciz  "devices\r\n"
pci:    .asciz  "pci"
line:   .asciz  "\r\n"
ends:   .asciz  "no more\r\n"
digits: .ascii  "0123456789abcdef"
        .org    510
        .word   0xaa55
