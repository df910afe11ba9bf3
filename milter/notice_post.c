/* By libcurl. */
#include "config.h"
#include "notice_post.h"
#include <curl/curl.h>
#include <string.h>

#define SEND_SECONDS 30L

typedef struct {
    const NoticePost *post;
    const char *at;
    gsize left;
} Upload;

static size_t
give_bytes(char *buffer, size_t size, size_t count, void *user)
{
    Upload *upload = user;
    gsize length = MIN(size * count, upload->left);
    memcpy(buffer, upload->at, length);
    upload->at += length;
    upload->left -= length;
    return length;
}

static int
watch(void *user, curl_off_t unused1, curl_off_t unused2, curl_off_t unused3, curl_off_t unused4)
{
    const Upload *upload = user;
    return upload->post->ended(upload->post->user);
}

static size_t
drop_bytes(char *buffer, size_t size, size_t count, void *user)
{
    return size * count;
}

gboolean
notice_post(const NoticePost *post, long *status_out, char why_out[NOTICE_POST_TEXT])
{
    Upload upload = {.post = post};
    char why[CURL_ERROR_SIZE] = "";
    upload.at = g_bytes_get_data(post->letter, &upload.left);
    g_autofree char *url = g_strdup_printf("smtp://%s/localhost", post->server);
    g_autofree char *recipient = g_strdup_printf("<%s>", post->recipient);
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    CURL *curl = curl_easy_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    *status_out = 0;
    if (curl != NULL) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, "<>");
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
        curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_bytes);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &upload);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_SECONDS);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status_out);
        curl_easy_cleanup(curl);
    }
    curl_slist_free_all(recipients);
    g_strlcpy(why_out, *why != '\0' ? why : curl_easy_strerror(code), NOTICE_POST_TEXT);
    return code == CURLE_OK;
}
