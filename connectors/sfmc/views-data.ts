// The system data views: name, then columns with their types. N number, T text with its length, D date, B boolean, E email
// address, P phone. BASE, TS, OPT and CHANGED stand for the columns many views share; the odd spelling in TS is the service's.
const base =
  'AccountID N, OYBAccountID N, JobID N, ListID N, BatchID N, SubscriberID N, SubscriberKey T254, EventDate D, Domain T128';
const ts = 'TriggererSendDefinitionObjectID T36, TriggeredSendCustomerKey T36';
const opt = '_OptOutStatusID N, _OptOutMethodID N, _OptOutDate D, _OptInStatusID N, _OptInMethodID N, _OptInDate D';
const changed = '_CreatedDate D, _CreatedBy T, _ModifiedDate D, _ModifiedBy T';
const address = '_City T200, _State T200, _ZipCode T20, _FirstName T100, _LastName T100';

export const viewTexts: Readonly<Record<string, string>> = {
  _Sent: `${base}, ${ts}`,
  _Open: `${base}, IsUnique B, ${ts}`,
  _Click: `${base}, URL T900, LinkName T1024, LinkContent T, IsUnique B, ${ts}`,
  _Bounce: `${base}, BounceCategoryID N, BounceCategory T50, BounceSubcategoryID N, BounceSubcategory T50, BounceTypeID N, BounceType T50, SMTPBounceReason T4000, SMTPMessage T4000, SMTPCode N, IsUnique B, ${ts}`,
  _Unsubscribe: `${base}, IsUnique B`,
  _Complaint: `${base}, IsUnique B`,
  _FTAF: `${base.replace('EventDate', 'TransactionTime')}, IsUnique B, ${ts}`,
  _SurveyResponse: `${base}, SurveyID N, SurveyName T, IsUnique N, QuestionID N, QuestionName T, Question T, AnswerID N, AnswerName T, Answer T, AnswerData T`,
  _BusinessUnitUnsubscribes: 'BusinessUnitID N, UnsubDateUTC D, UnsubReason T100, SubscriberID N, SubscriberKey T254',
  _Job: `JobID N, EmailID N, AccountID N, AccountUserID N, FromName T130, FromEmail E, SchedTime D, PickupTime D, DeliveredTime D, EventID T50, IsMultipart B, JobType T50, JobStatus T50, ModifiedBy N, ModifiedDate D, EmailName T100, EmailSubject T200, IsWrapped B, TestEmailAddr E, Category T100, BccEmail E, OriginalSchedTime D, CreatedDate D, CharacterSet T30, IPAddress T50, SalesForceTotalSubscriberCount N, SalesForceErrorSubscriberCount N, SendType T128, DynamicEmailSubject T, SuppressTracking B, SendClassificationType T32, SendClassification T36, ResolveLinksWithCurrentData B, EmailSendDefinition T36, DeduplicateByEmail B, ${ts}`,
  _Subscribers:
    'SubscriberID N, SubscriberKey T254, DateUndeliverable D, DateJoined D, DateUnsubscribed D, Domain T254, EmailAddress E, BounceCount N, SubscriberType T100, Status T12, Locale T',
  _ListSubscribers:
    'SubscriberID N, SubscriberKey T254, AddedBy N, AddMethod T17, CreatedDate D, DateUnsubscribed D, EmailAddress T, ListID N, ListName T50, ListType T16, Status T12, SubscriberType T100',
  _Journey:
    'VersionID T36, JourneyID T36, JourneyName T200, VersionNumber N, CreatedDate D, LastPublishedDate D, ModifiedDate D, JourneyStatus T100',
  _JourneyActivity:
    'VersionID T36, ActivityID T36, ActivityName T200, ActivityExternalKey T200, JourneyActivityObjectID T36, ActivityType T512',
  _AutomationInstance:
    'MemberID N, AutomationName T400, AutomationCustomerKey T, AutomationDescription T400, AutomationType T50, AutomationNotificationRecipient_Complete T500, AutomationNotificationRecipient_Error T500, AutomationNotificationRecipient_Skip T500, AutomationStepCount N, AutomationInstanceID T50, AutomationInstanceIsRunOnce B, FilenameFromTrigger T4000, AutomationInstanceScheduledTime_UTC D, AutomationInstanceStartTime_UTC D, AutomationInstanceEndTime_UTC D, AutomationInstanceStatus T400, AutomationInstanceActivityErrorDetails T4000',
  _AutomationActivityInstance:
    'MemberID N, AutomationName T400, AutomationCustomerKey T400, AutomationInstanceID T50, ActivityType N, ActivityName T400, ActivityDescription T400, ActivityCustomerKey T400, ActivityInstanceStep T50, ActivityInstanceID T50, ActivityInstanceStartTime_UTC D, ActivityInstanceEndTime_UTC D, ActivityInstanceStatus T256, ActivityInstanceStatusDetails T4000',
  _SMSMessageTracking:
    'Mobile P, SubscriberKey T, SubscriberID N, MobileMessageTrackingID N, EID N, MID N, MessageID N, KeywordID T, CodeID T, ConversationID T, CampaignID N, Sent B, Delivered B, Undelivered B, Outbound B, Inbound B, CreateDateTime D, ModifiedDateTime D, ActionDateTime D, MessageText T, IsTest B, MobileMessageRecurrenceID N, ResponseToMobileMessageTrackingID N, IsValid B, InvalidationCode N, SendID N, SendSplitID N, SendSegmentID N, SendJobID N, SendGroupID N, SendPersonID N, SMSStandardStatusCodeId N, Description T, Name T, ShortCode T, SharedKeyword T, Ordinal N, FromName T, JBActivityID T, JBDefinitionID T, SMSJobID T, SMSBatchID N',
  _SMSSubscriptionLog:
    'MobileNumber P, SubscriberKey T, LogDate D, MobileSubscriptionID N, SubscriptionDefinitionID T, OptOutStatusID N, OptOutMethodID N, OptOutDate D, OptInStatusID N, OptInMethodID N, OptInDate D, Source N, CreatedDate D, ModifiedDate D',
  _UndeliverableSms: 'MobileNumber P, Undeliverable B, BounceCount N, FirstBounceDate D, HoldDate D',
  _MobileAddress: `_MobileNumber T15, _ContactID N, _Status T, _Source T, _SourceObjectId T200, _Priority N, _Channel T20, _CarrierID N, _CountryCode T2, ${changed}, ${address}, _UTCOffset N, _IsHonorDST B`,
  _MobileSubscription: `_MobileNumber T15, _SubscriptionDefinitionID T200, ${opt}, _Source T, _CreatedDate D, _SourceObjectId T200, _CreatedBy T, _ModifiedDate D, _ModifiedBy T`,
  _PushAddress: `_DeviceID T200, _ContactID N, _APID T38, _Status T, _Source T, _SourceObjectId T, _Platform T, _PlatformVersion T, _Alias T, ${opt}, _Channel T, ${changed}, ${address}, _UTCOffset N, _IsHonorDST B, _SystemToken T4000, _ProviderToken T200, _Badge N, _LocationEnabled B, _TimeZone T50, _Device T100, _HardwareId T100, _DeviceType T20`,
  _PushTag: `_DeviceID T200, _APID T38, _Value T128, ${changed}`,
  _ChatMessagingSubscription: `_MobileNumber T254, _ChannelId T50, _ChannelType T20, ${opt}, _Source T, _SourceObjectId T, ${changed}`,
  _Coupon: 'Name T, ExternalKey T, Description T, BeginDate D, ExpirationDate D',
  _SocialNetworkImpressions: '',
  _SocialNetworkTracking: '',
  _MobileLineAddressContactSubscriptionView: '',
  _MobileLineOrphanContactView: '',
};
