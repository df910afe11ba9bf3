/* charset - labels as mail has them, one row per charset.
 *
 * Families are read by their largest member (GB2312 as GB18030, KS C 5601 as CP949, Shift_JIS as CP932): labels say
 * less than texts use. Foreign labels are never handed to iconv_open. */
#include "config.h"
#include "charset.h"
#include "decode.h"
#include <string.h>

#define LABEL_MAX 256 /* longer ones are no labels */
#define PREFIX_MIN 4  /* shortest alias that may be followed by junk */

static const Charset ROWS[] = {
    {"US-ASCII", CODEC_ASCII, NULL, NULL, FALSE,
     "usascii ascii us iso646us ansix341968 ansix341986 ansix34 iso646irv iso646irv1991 isoir6 cp367 ibm367 367 20127 "
     "7bit 646"},
    {"UTF-8", CODEC_UTF8, NULL, NULL, FALSE,
     "utf8 utf8mb4 unicode11utf8 unicode20utf8 utf8n utf8bom utf8sig utf8mac cp65001 65001 cesu8 iso10646utf8 isoir193 "
     "unicodeutf8 al32utf8 u8"},
    {"UTF-16", CODEC_UTF16, NULL, NULL, TRUE, "utf16 utf16bom unicode iso10646ucs2 ucs2 iso10646 u16"},
    {"UTF-16BE", CODEC_UTF16, NULL, NULL, TRUE, "utf16be unicodebig unicodefffe ucs2be cp1201 1201 unicodebigunmarked"},
    {"UTF-16LE", CODEC_UTF16, NULL, NULL, FALSE,
     "utf16le unicodelittle unicodefeff ucs2le cp1200 1200 unicodelittleunmarked"},
    {"UTF-32", CODEC_UTF32, NULL, NULL, TRUE, "utf32 ucs4 iso10646ucs4 u32"},
    {"UTF-32BE", CODEC_UTF32, NULL, NULL, TRUE, "utf32be ucs4be cp12001 12001"},
    {"UTF-32LE", CODEC_UTF32, NULL, NULL, FALSE, "utf32le ucs4le cp12000 12000"},
    {"UTF-7", CODEC_UTF7, NULL, NULL, FALSE, "utf7 unicode11utf7 unicode20utf7 cp65000 65000 u7"},
    {"UTF-7-IMAP", CODEC_UTF7_IMAP, NULL, NULL, FALSE, "utf7imap imap4mod imaputf7 modifiedutf7 imapmodifiedutf7"},
    {"HZ", CODEC_HZ, NULL, NULL, FALSE, "hz hzgb2312 hzgb hzgb23121980 hzgbk zw zwgb cp52936 52936"},
    {"ISO-2022-CN", CODEC_ISO2022, NULL, NULL, FALSE,
     "iso2022cn iso2022cnext iso2022gb cp50227 50227 cp50229 50229 cp20227"},
    {"ISO-2022-JP", CODEC_ISO2022, NULL, NULL, FALSE,
     "iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jp2004 iso2022jpms iso2022 jis jis7 cp50220 50220 cp50221 "
     "50221 "
     "cp50222 50222 isoir87 isoir159"},
    {"ISO-2022-KR", CODEC_ISO2022, NULL, NULL, FALSE, "iso2022kr cp50225 50225"},
    {"GB18030", CODEC_DOUBLE, "GB18030", NULL, FALSE,
     "gb18030 gb180302000 gb180302005 gb180302022 gb gb2312 gb231280 gb23121980 gb2312l1 gb12345 gb1234590 gbt12345 "
     "gb1300 gb13000 gb130001 gbk gbk1 gbke gb2312gbk cp936 ms936 windows936 win936 ibm936 936 msgbk cngb cngbgb18030 "
     "cngbisoir165 isoir58 isoir165 chinese chinesegb chinesegb2312 chinesesimplified simplifiedchinese zhcn euccn "
     "eucgb2312 eucgb2312cn euccngb2312 eucgb gbeuc cp54936 54936 cp51936 51936 cp20936 20936 cp10008 10008 "
     "macchinesesimp macchinesesimplified machinesesimp macgb2312 ibm1386 cp1386 1386 ibm1383 cp1383 ibm5488 134 "
     "gb2312charset gbkcharset hans"},
    {"BIG5-HKSCS", CODEC_DOUBLE, "BIG5-HKSCS", "CP950", FALSE,
     "big5hkscs big5 big52003 big5hkscs1999 big5hkscs2001 big5hkscs2004 big5hkscs2008 hkscs hkscsbig5 bigfive big5eten "
     "big5e big5plus big5uao big5ce cp950 ms950 ms950hkscs windows950 win950 ibm950 950 cp951 951 cnbig5 cp1370 "
     "ibm1370 "
     "chinesebig5 chinesetraditional traditionalchinese zhtw zhhk tcbig5 eten cp10002 10002 macchinesetrad "
     "macchinesetraditional mactchinese 136 hant cp5471 ibm5471 cp1375"},
    {"EUC-TW", CODEC_DOUBLE, "EUC-TW", NULL, FALSE,
     "euctw eucttw euccns cns cns11643 cns116431992 xeuctw cp51950 51950 chinesecns cp964 ibm964 964 cp20000 20000"},
    {"CP949", CODEC_DOUBLE, "UHC", NULL, FALSE,
     "cp949 uhc euckr ksc5601 ksc56011987 ksc56011989 ksc56011992 ks5601 kscp5601 ksx1001 ksx10011992 ksc5601kr korean "
     "ms949 mscp949 windows949 win949 949 cp970 ibm970 970 ibm949 isoir149 euckorean cp51949 51949 cp20949 20949 "
     "cp10003 "
     "10003 mackorean 129 kokr"},
    {"JOHAB", CODEC_DOUBLE, "JOHAB", NULL, FALSE, "johab ksc5601johab cp1361 mscp1361 1361 130"},
    {"EUC-JP", CODEC_DOUBLE, "EUC-JP-MS", "EUC-JP", FALSE,
     "eucjp eucjpms ujis eucjpopen eucjpwin eucjis eucjisx0213 eucjis2004 extendedunixcodepackedformatforjapanese "
     "eucpkdfmtjapanese cp51932 51932 cp20932 20932 japaneseeuc"},
    {"CP932", CODEC_DOUBLE, "CP932", "SJIS", FALSE,
     "cp932 shiftjis shiftjisx0213 shiftjis2004 sjis sjisopen sjiswin sjisms mskanji ms932 windows31j win31j "
     "windows932 "
     "932 ibm943 cp943 943 ibm932 japanese japanesesjis cp10001 10001 macjapanese 128 jajp"},

    {"ISO-8859-1", CODEC_SINGLE, "CP1252", "ISO-8859-1", FALSE,
     "iso88591 88591 isoir100 latin1 l1 cp819 ibm819 819 isolatin1 latin iso88591windows30latin1 28591 cp28591 ansi "
     "isolatin western"},
    {"CP1252", CODEC_SINGLE, "CP1252", "ISO-8859-1", FALSE,
     "cp1252 windows1252 win1252 1252 msansi ansi1252 cpansi windowslatin1 ibm5348 cp5348"},
    {"ISO-8859-2", CODEC_SINGLE, "ISO-8859-2", NULL, FALSE, "iso88592 88592 isoir101 latin2 l2 isolatin2 28592 cp912"},
    {"ISO-8859-3", CODEC_SINGLE, "ISO-8859-3", NULL, FALSE, "iso88593 88593 isoir109 latin3 l3 isolatin3 28593"},
    {"ISO-8859-4", CODEC_SINGLE, "ISO-8859-4", NULL, FALSE, "iso88594 88594 isoir110 latin4 l4 isolatin4 28594"},
    {"ISO-8859-5", CODEC_SINGLE, "ISO-8859-5", NULL, FALSE,
     "iso88595 88595 isoir144 cyrillic isolatincyrillic 28595 cp915"},
    {"ISO-8859-6", CODEC_SINGLE, "ISO-8859-6", NULL, FALSE,
     "iso88596 88596 isoir127 arabic ecma114 asmo708 isolatinarabic 28596 iso88596e iso88596i"},
    {"ISO-8859-7", CODEC_SINGLE, "ISO-8859-7", NULL, FALSE,
     "iso88597 88597 isoir126 greek greek8 ecma118 elot928 isolatingreek 28597 cp813"},
    {"ISO-8859-8", CODEC_SINGLE, "ISO-8859-8", NULL, FALSE,
     "iso88598 88598 isoir138 hebrew isolatinhebrew 28598 iso88598i iso88598e 38598 logical visual cp916"},
    {"ISO-8859-9", CODEC_SINGLE, "ISO-8859-9", NULL, FALSE, "iso88599 88599 isoir148 latin5 l5 isolatin5 28599 cp920"},
    {"ISO-8859-10", CODEC_SINGLE, "ISO-8859-10", NULL, FALSE, "iso885910 885910 isoir157 latin6 l6 isolatin6 28600"},
    {"ISO-8859-11", CODEC_SINGLE, "TIS-620", NULL, FALSE,
     "iso885911 885911 tis620 tis6200 tis62025291 tis62025330 isoir166 thai8 28601"},
    {"ISO-8859-13", CODEC_SINGLE, "ISO-8859-13", NULL, FALSE, "iso885913 885913 isoir179 latin7 l7 28603 cp921"},
    {"ISO-8859-14", CODEC_SINGLE, "ISO-8859-14", NULL, FALSE, "iso885914 885914 isoir199 latin8 l8 28604"},
    {"ISO-8859-15", CODEC_SINGLE, "ISO-8859-15", NULL, FALSE, "iso885915 885915 isoir203 latin9 l9 28605 cp923"},
    {"ISO-8859-16", CODEC_SINGLE, "ISO-8859-16", NULL, FALSE, "iso885916 885916 isoir226 latin10 l10 28606"},
    {"CP1250", CODEC_SINGLE, "CP1250", NULL, FALSE, "cp1250 windows1250 win1250 1250 msee"},
    {"CP1251", CODEC_SINGLE, "CP1251", NULL, FALSE, "cp1251 windows1251 win1251 1251 mscyrl"},
    {"CP1253", CODEC_SINGLE, "CP1253", NULL, FALSE, "cp1253 windows1253 win1253 1253 msgreek"},
    {"CP1254", CODEC_SINGLE, "CP1254", NULL, FALSE, "cp1254 windows1254 win1254 1254 msturk"},
    {"CP1255", CODEC_SINGLE, "CP1255", NULL, FALSE, "cp1255 windows1255 win1255 1255 mshebr"},
    {"CP1256", CODEC_SINGLE, "CP1256", NULL, FALSE, "cp1256 windows1256 win1256 1256 msarab"},
    {"CP1257", CODEC_SINGLE, "CP1257", NULL, FALSE, "cp1257 windows1257 win1257 1257 winbaltrim"},
    {"CP1258", CODEC_SINGLE, "CP1258", NULL, FALSE, "cp1258 windows1258 win1258 1258"},
    {"CP874", CODEC_SINGLE, "CP874", NULL, FALSE, "cp874 windows874 win874 874 ibm874 doscp874"},
    {"KOI8-R", CODEC_SINGLE, "KOI8-R", NULL, FALSE, "koi8r koi8 koi 20866 cp878 ibm878"},
    {"KOI8-U", CODEC_SINGLE, "KOI8-U", NULL, FALSE, "koi8u koi8ru 21866 cp1168"},
    {"KOI8-T", CODEC_SINGLE, "KOI8-T", NULL, FALSE, "koi8t"},
    {"CP437", CODEC_SINGLE, "CP437", NULL, FALSE, "cp437 ibm437 437 pc8codepage437 dos437"},
    {"CP737", CODEC_SINGLE, "CP737", NULL, FALSE, "cp737 ibm737 737"},
    {"CP775", CODEC_SINGLE, "CP775", NULL, FALSE, "cp775 ibm775 775 pc775baltic"},
    {"CP850", CODEC_SINGLE, "CP850", NULL, FALSE, "cp850 ibm850 850 pc850multilingual dos850"},
    {"CP852", CODEC_SINGLE, "CP852", NULL, FALSE, "cp852 ibm852 852 pcp852"},
    {"CP855", CODEC_SINGLE, "CP855", NULL, FALSE, "cp855 ibm855 855"},
    {"CP857", CODEC_SINGLE, "CP857", NULL, FALSE, "cp857 ibm857 857"},
    {"CP858", CODEC_SINGLE, "CP858", NULL, FALSE, "cp858 ibm858 858 ibm00858 cp00858"},
    {"CP860", CODEC_SINGLE, "CP860", NULL, FALSE, "cp860 ibm860 860"},
    {"CP861", CODEC_SINGLE, "CP861", NULL, FALSE, "cp861 ibm861 861"},
    {"CP862", CODEC_SINGLE, "CP862", NULL, FALSE, "cp862 ibm862 862 pc862latinhebrew"},
    {"CP863", CODEC_SINGLE, "CP863", NULL, FALSE, "cp863 ibm863 863"},
    {"CP864", CODEC_SINGLE, "CP864", NULL, FALSE, "cp864 ibm864 864"},
    {"CP865", CODEC_SINGLE, "CP865", NULL, FALSE, "cp865 ibm865 865"},
    {"CP866", CODEC_SINGLE, "CP866", NULL, FALSE, "cp866 ibm866 866 dos866"},
    {"CP869", CODEC_SINGLE, "CP869", NULL, FALSE, "cp869 ibm869 869"},
    {"MACINTOSH", CODEC_SINGLE, "MACINTOSH", NULL, FALSE, "macintosh mac macroman 10000 cp10000"},
    {"MAC-CYRILLIC", CODEC_SINGLE, "MAC-CYRILLIC", NULL, FALSE, "maccyrillic macukrainian macuk 10007 cp10007"},
    {"MAC-CENTRALEUROPE", CODEC_SINGLE, "MAC-CENTRALEUROPE", NULL, FALSE, "maccentraleurope macce 10029 cp10029"},
    {"HP-ROMAN8", CODEC_SINGLE, "HP-ROMAN8", NULL, FALSE, "hproman8 roman8 r8"},
    {"VISCII", CODEC_SINGLE, "VISCII", NULL, FALSE, "viscii viscii111"},
    {"ARMSCII-8", CODEC_SINGLE, "ARMSCII-8", NULL, FALSE, "armscii8"},
    {"GEORGIAN-PS", CODEC_SINGLE, "GEORGIAN-PS", NULL, FALSE, "georgianps"},
    {"PT154", CODEC_SINGLE, "PT154", NULL, FALSE, "pt154 ptcp154 cp154 cyrillicasian"},
    {"IBM037", CODEC_SINGLE, "IBM037", NULL, FALSE,
     "ibm037 cp037 037 ebcdiccpus ebcdiccpca ebcdiccpnl cp1140 ibm01140"},
    {"IBM500", CODEC_SINGLE, "IBM500", NULL, FALSE, "ibm500 cp500 500 ebcdiccpbe ebcdiccpch cp1148 ibm01148"},
    {"IBM1047", CODEC_SINGLE, "IBM1047", NULL, FALSE, "ibm1047 cp1047 1047 ibm01047 ebcdiclatin1"},

    {"IBM1388", CODEC_STREAM, "IBM1388", NULL, FALSE, "ibm1388 cp1388 1388 ibm935 cp935 935 ibm836 cp5031"},
    {"IBM937", CODEC_STREAM, "IBM937", NULL, FALSE, "ibm937 cp937 937 ibm1371 cp1371 1371 cp5033"},
    {"IBM933", CODEC_STREAM, "IBM933", NULL, FALSE, "ibm933 cp933 933 ibm1364 cp1364 1364 cp5029"},
    {"IBM939", CODEC_STREAM, "IBM939", NULL, FALSE, "ibm939 cp939 939 ibm1399 cp1399 1399 cp5035"},
};

const Charset *
charset_rows(gsize *count_out)
{
    *count_out = G_N_ELEMENTS(ROWS);
    return ROWS;
}

gboolean
charset_is_multibyte(const Charset *charset)
{
    return charset->codec != CODEC_ASCII && charset->codec != CODEC_SINGLE;
}

/* Alias (owned) -> row. Made once, never changed, lives as long as the process. */
static GHashTable *
aliases(void)
{
    static GHashTable *table;
    if (table != NULL)
        return table;
    GHashTable *fresh = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_auto(GStrv) words = g_strsplit(ROWS[i].aliases, " ", -1);
        for (char **word = words; *word != NULL; word++)
            g_hash_table_insert(fresh, (gpointer)g_intern_string(*word), (gpointer)&ROWS[i]);
    }
    return table = fresh;
}

/* "Charset=\"GB_2312-80\"; x" to "gb231280": what comes before a separator, letters and digits, lower case. */
static void
squeeze_label(const char *label, char *key)
{
    gsize length = 0;
    label += strspn(label, " \t\r\n\"'<(=?");
    if (g_ascii_strncasecmp(label, "charset", 7) == 0) {
        const char *after = label + 7 + strspn(label + 7, " \t");
        if (*after == '=' || *after == ':')
            label = after + 1;
    }
    label += strspn(label, " \t\r\n\"'<(=?");
    for (const char *c = label; *c != '\0' && length + 1 < LABEL_MAX; c++) {
        if (strchr(";,*?\"'()<>:/ \t\r\n", *c) != NULL && length > 0)
            break;
        if (g_ascii_isalnum(*c))
            key[length++] = g_ascii_tolower(*c);
    }
    key[length] = '\0';
}

static const Charset *
find_with_junk(char *key)
{
    for (gsize length = strlen(key); length >= PREFIX_MIN; length--) {
        key[length] = '\0';
        const Charset *row = g_hash_table_lookup(aliases(), key);
        if (row != NULL)
            return row;
    }
    return NULL;
}

const Charset *
charset_find(const char *label)
{
    char key[LABEL_MAX] = "";
    if (label == NULL)
        return NULL;
    squeeze_label(label, key);
    const Charset *row = g_hash_table_lookup(aliases(), key);
    const char *bare = key;
    while (row == NULL && (*bare == 'x' || g_str_has_prefix(bare, "cs"))) {
        bare += *bare == 'x' ? 1 : 2;
        row = g_hash_table_lookup(aliases(), bare);
    }
    if (row != NULL)
        return row;
    g_autofree char *rest = g_strdup(bare);
    row = find_with_junk(rest);
    return row != NULL ? row : find_with_junk(key);
}

const char *
charset_canonical(const char *label)
{
    const Charset *row = charset_find(label);
    return row != NULL ? row->name : NULL;
}
