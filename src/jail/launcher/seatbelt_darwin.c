#include "seatbelt.h"

#include "failure.h"
#include "text_file.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/*
 * Where libSystem's own sandbox_init takes its compiler from. There is no stub of it to link with, and only who asks for a
 * profile has to have it.
 */
#ifndef SEATBELT_LIBRARY
#define SEATBELT_LIBRARY "/usr/lib/libsandbox.1.dylib"
#endif

static void *library;
static void *compiled;

static void *function(const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) fail_text(ENOTSUP, "seatbelt: this macOS has no %s", name);
    return found;
}

/* The specification of C has no cast from data to a function, POSIX's dlsym needs one. */
#define FUNCTION(type, variable, name) \
    type variable;                     \
    *(void **)&variable = function(name)

typedef void *create_parameters(void);
typedef int set_parameter(void *parameters, const char *name, const char *value);
typedef void *compile_profile(const char *text, void *parameters, char **error);
typedef int apply_profile(void *profile);

static const char *profile_text(const char *profile)
{
    if (profile[0] == '(') return profile;
    if (profile[0] != '/') fail_text(EINVAL, "seatbelt: \"%s\" is neither a profile nor an absolute path", profile);
    char *text = text_file_read(profile, NULL);
    if (text == NULL) fail(errno, "seatbelt: %s", profile);
    return text;
}

void seatbelt_prepare(const struct request *request)
{
    char root[PATH_MAX], *error = NULL;
    const char *folder = request->home != NULL ? request->home : request->root;
    if (request->seatbelt == NULL) return;
    const char *text = profile_text(request->seatbelt);
    library = dlopen(SEATBELT_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) fail_text(ENOTSUP, "seatbelt: %s", dlerror());
    /* Profiles go by paths without links. */
    if (realpath(folder, root) == NULL) fail(errno, "root %s", folder);
    FUNCTION(create_parameters *, create, "sandbox_create_params");
    FUNCTION(set_parameter *, set, "sandbox_set_param");
    FUNCTION(compile_profile *, compile, "sandbox_compile_string");
    function("sandbox_apply");
    void *parameters = create();
    if (parameters == NULL || set(parameters, "ROOT", root) != 0) fail(ENOMEM, "seatbelt");
    compiled = compile(text, parameters, &error);
    if (compiled == NULL) fail_text(EINVAL, "seatbelt: %s", error == NULL ? "the profile cannot be compiled" : error);
}

void seatbelt_apply(void)
{
    if (compiled == NULL) return;
    FUNCTION(apply_profile *, apply, "sandbox_apply");
    /* Not permitted to one who is confined by a profile already, as containerd may be. */
    if (apply(compiled) != 0) fail(errno, "seatbelt");
}
