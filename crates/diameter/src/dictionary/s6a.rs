//! LCS and MDT subscription data of S6a and S6d (TS 29.272 clause 7.3).

super::avps! {
    Some(crate::codec::VendorId::TGPP);
    SUBSCRIPTION_DATA = 1400, "Subscription-Data", Grouped, M, shown, "TS 29.272 clause 7.3.2";
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
    MDT_USER_CONSENT = 1634, "MDT-User-Consent", Enumerated, -, shown, "TS 29.272 clause 7.3.148";
}
