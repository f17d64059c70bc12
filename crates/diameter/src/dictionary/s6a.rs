//! LCS and MDT subscription data of S6a and S6d (TS 29.272 clause 7.3).

super::avps! {
    Some(crate::codec::VendorId::TGPP);
    SUBSCRIPTION_DATA = 1400, "Subscription-Data", Grouped, M, shown, "TS 29.272 clause 7.3.2";
    TRACE_COLLECTION_ENTITY = 1452, "Trace-Collection-Entity", Address, M, shown, "TS 29.272 clause 7.3.98";
    TRACE_DATA = 1458, "Trace-Data", Grouped, M, shown, "TS 29.272 clause 7.3.63";
    TRACE_REFERENCE = 1459, "Trace-Reference", OctetString, M, shown, "TS 29.272 clause 7.3.64";
    TRACE_DEPTH = 1462, "Trace-Depth", Enumerated, M, shown, "TS 29.272 clause 7.3.67";
    TRACE_NE_TYPE_LIST = 1463, "Trace-NE-Type-List", OctetString, M, shown, "TS 29.272 clause 7.3.68";
    TRACE_INTERFACE_LIST = 1464, "Trace-Interface-List", OctetString, M, shown, "TS 29.272 clause 7.3.69";
    TRACE_EVENT_LIST = 1465, "Trace-Event-List", OctetString, M, shown, "TS 29.272 clause 7.3.70";
    OMC_ID = 1466, "OMC-Id", OctetString, M, shown, "TS 29.272 clause 7.3.71";
    LCS_INFO = 1473, "LCS-Info", Grouped, M, shown, "TS 29.272 clause 7.3.84";
    LCS_PRIVACY_EXCEPTION = 1475, "LCS-PrivacyException", Grouped, M, shown, "TS 29.272 clause 7.3.86";
    SS_CODE = 1476, "SS-Code", OctetString, M, shown, "TS 29.272 clause 7.3.87";
    SS_STATUS = 1477, "SS-Status", OctetString, M, shown, "TS 29.272 clause 7.3.88";
    NOTIFICATION_TO_UE_USER = 1478, "Notification-To-UE-User", Enumerated, M, shown, "TS 29.272 clause 7.3.89";
    EXTERNAL_CLIENT = 1479, "External-Client", Grouped, M, shown, "TS 29.272 clause 7.3.90";
    CLIENT_IDENTITY = 1480, "Client-Identity", OctetString, M, shown, "TS 29.272 clause 7.3.91";
    GMLC_RESTRICTION = 1481, "GMLC-Restriction", Enumerated, M, shown, "TS 29.272 clause 7.3.92";
    PLMN_CLIENT = 1482, "PLMN-Client", Enumerated, M, shown, "TS 29.272 clause 7.3.93";
    SERVICE_TYPE = 1483, "Service-Type", Grouped, M, shown, "TS 29.272 clause 7.3.94";
    SERVICE_TYPE_IDENTITY = 1484, "ServiceTypeIdentity", Unsigned32, M, shown, "TS 29.272 clause 7.3.95";
    MO_LR = 1485, "MO-LR", Grouped, M, shown, "TS 29.272 clause 7.3.96";
    IDR_FLAGS = 1490, "IDR-Flags", Unsigned32, M, shown, "TS 29.272 clause 7.3.103";
    E_UTRAN_CELL_GLOBAL_IDENTITY = 1602, "E-UTRAN-Cell-Global-Identity", OctetString, -, hidden, "TS 29.272 clause 7.3.117";
    TRACKING_AREA_IDENTITY = 1603, "Tracking-Area-Identity", OctetString, -, hidden, "TS 29.272 clause 7.3.118";
    MDT_CONFIGURATION = 1622, "MDT-Configuration", Grouped, -, shown, "TS 29.272 clause 7.3.136";
    JOB_TYPE = 1623, "Job-Type", Enumerated, -, shown, "TS 29.272 clause 7.3.137";
    AREA_SCOPE = 1624, "Area-Scope", Grouped, -, shown, "TS 29.272 clause 7.3.138";
    LOGGING_INTERVAL = 1631, "Logging-Interval", Enumerated, -, shown, "TS 29.272 clause 7.3.145";
    LOGGING_DURATION = 1632, "Logging-Duration", Enumerated, -, shown, "TS 29.272 clause 7.3.146";
    MDT_USER_CONSENT = 1634, "MDT-User-Consent", Enumerated, -, shown, "TS 29.272 clause 7.3.148";
    MDT_ALLOWED_PLMN_ID = 1671, "MDT-Allowed-PLMN-Id", OctetString, -, shown, "TS 29.272 clause 7.3.185";
}
