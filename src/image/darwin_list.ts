/**
 * What a jail on macOS needs of the system it runs on: the dynamic loader with the one file that all libraries are in, and
 * with which it must agree; the usual programs; frameworks, which are little more than resources there; and the places that
 * programs expect.
 */
export const darwinList = `# What rund image takes of the running macOS. docs/base-images.md says how lists are written.

# All of the system's libraries, as one cache. From macOS 13 on it is in a volume of its own.
[libraries]
?/System/Library/dyld
?/System/Library/dyld <- /System/Volumes/Preboot/Cryptexes/OS/System/Library/dyld
!/System/Library/dyld/dyld_shared_cache_*

[frameworks]
/System/Library/Frameworks

[programs]
/bin
/sbin
/usr/bin
/usr/lib
/usr/libexec
/usr/sbin
# On another volume, like everything that macOS lets a user change; the system shows it here.
?/usr/libexec/cups
!/usr/lib/dyld

[data]
/usr/share
?/usr/share/snmp
?/System/Library/Perl
?/private/var/db/timezone

[settings]
# Programs look for these under their short names.
/etc -> private/etc
/tmp -> private/tmp
/var -> private/var

/System/Library/CoreServices/SystemVersion.plist
?/System/Library/CoreServices/SystemVersionCompat.plist

?/private/etc/bashrc
?/private/etc/group
?/private/etc/hosts
?/private/etc/localtime
?/private/etc/pam.d
?/private/etc/passwd
?/private/etc/paths
?/private/etc/paths.d
?/private/etc/profile
?/private/etc/protocols
?/private/etc/services
?/private/etc/shells
?/private/etc/ssl
?/private/etc/sudoers
?/private/etc/zprofile
?/private/etc/zshrc

# Which shell /bin/sh is.
?/private/var/select

# Every process looks for this when it starts: it says that the root directory is not the system's own.
+/AppleInternal/XBS/.isChrooted

# Where devfs is mounted.
+/dev/
+/Users/
+/private/tmp/ 1777
+/private/var/folders/
+/private/var/root/ 700
+/private/var/run/
+/private/var/tmp/ 1777
+/usr/local/
`;
